"""What is true of cases: who may do which step, what counts for whom and in which month."""
