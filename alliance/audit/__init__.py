"""The memory of the house: events, runs, figures, seals. It knows no wing."""
