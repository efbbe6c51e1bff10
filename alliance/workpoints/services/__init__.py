"""The verbs of a hospital's internal bonus. The door of the room."""
