"""All input and output that processes cause."""
