"""Measurements of the speed table; each checks that the result is right before it counts time."""
