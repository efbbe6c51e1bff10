"""What is true of ratings, of scores of experts and of answers."""
