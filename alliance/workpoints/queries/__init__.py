"""The questions about a hospital's internal bonus. The door of the wing."""
