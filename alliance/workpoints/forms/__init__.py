"""What people type or upload about the bonus."""
