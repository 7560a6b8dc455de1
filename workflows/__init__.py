"""The driver, and for every process what its states cause."""
