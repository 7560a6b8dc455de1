"""`partnerflow doctor`."""


def doctor() -> None:
    """Check."""
