"""Between domain values and their forms as JSON and parquet, on the wire and on disk."""
