"""One file per process: its data, its messages, its lifecycle. No Temporal, no I/O, no clock."""
