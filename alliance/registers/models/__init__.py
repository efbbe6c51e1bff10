"""Tables of cases, and of what was done with each."""
