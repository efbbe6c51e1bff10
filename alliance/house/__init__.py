"""What surrounds every page and every request, whichever wing answers it."""
