"""How fast it is, as ratios against a minimal workflow in the same run, on the same server, interleaved."""
