"""Alliances and their member institutions."""
