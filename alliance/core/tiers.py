"""The tiers of the institutions of an alliance, in the order of every list."""

TIERS = ("tertiary", "secondary", "primary")
