"""What is true of indicators: definitions, kinds, readings and the states of a submission."""
