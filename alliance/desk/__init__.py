"""What looks across the wings: home, and the explanation of any figure. It has no tables."""
