"""People and what they may do: persons, accounts, grants, sessions; bodies, seats and decisions."""
