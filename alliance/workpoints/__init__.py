"""A hospital's internal bonus from workpoints: budget, points, distribution, payslips."""
