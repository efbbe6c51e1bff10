"""What members file: the library of data elements and indicators, periods, readings, submissions."""
