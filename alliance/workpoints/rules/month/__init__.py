"""A month of a hospital's bonus from its filed numbers to its payslips: which rule follows which."""
