"""The values: one module per edition, literals a program manager can read beside the guide."""
