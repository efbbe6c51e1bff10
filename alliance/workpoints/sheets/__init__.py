"""Files in and papers out of the bonus."""
