"""The command partnerflow."""
