"""A half-year before it happens: the real processes on a clock that skips, with simulated people."""
