"""The partner program as data, and pure functions over it: no I/O, no clock reading, no chance."""
