"""The shape of an edition, one file per part of the program; the values stand in `program.editions`."""
