"""The worker: the timetable under its lease, and what the jobs do that people asked for."""
