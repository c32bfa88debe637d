"""What came out: figures of the finished runs, and comparisons between recipes."""
