"""The questions about cases. The door of the wing."""
