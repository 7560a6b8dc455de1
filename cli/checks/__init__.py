"""What `partnerflow doctor` looks at: each check yields findings, and never changes anything."""
