"""What is true of scores: methods, schemes and their checks, weights and what is not applicable."""
