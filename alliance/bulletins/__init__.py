"""What the alliance publishes: bulletins, composed, decided, issued and frozen."""
