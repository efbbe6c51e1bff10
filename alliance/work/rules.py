"""What is true of work: how much of it one account may ask for, and when the worker counts as gone."""

from datetime import timedelta

TURNS = 60  # heavy pieces of work of an account in a minute
WORKER_SILENT = timedelta(minutes=5)  # a worker renews its lease every minute
