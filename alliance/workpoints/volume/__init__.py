"""Charge lines by the million (W19): the one place of engine code.

Lines lie as Parquet in partitions of hospital and month (`partitions`), are read (`staging`) and cleaned (`scrub`) on
the embedded engine (`loading`), and become sums by SQL text that runs unchanged on DuckDB and on Spark (`sql`). The
engine sums and multiplies, as DECIMAL(38,8); rules divide and round.
"""
