"""From values to one score per member: schemes, ratings, runs, vetoes."""
