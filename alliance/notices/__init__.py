"""Notices that must be read: published by the office, acknowledged by each person concerned, never edited."""
