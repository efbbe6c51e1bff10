"""What every wing stands on: pure, standard library only."""
