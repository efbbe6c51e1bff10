"""The portal of a medical alliance: what its members do together, scored, paid and explained."""

__version__ = "0.1.0"
