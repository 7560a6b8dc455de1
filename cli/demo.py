"""`partnerflow demo`."""


def demo() -> None:
    """Play a season."""
