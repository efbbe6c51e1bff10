"""What is true of a hospital's bonus: from the pool and the points to the cents of a payslip."""
