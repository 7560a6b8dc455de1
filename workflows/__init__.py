"""The driver, once (`process.py`), and one short file per process: the effects of its states."""
