"""All I/O that processes cause: writing what happened, and delivering what is to leave."""
