"""The report of an evaluation: its run, figures, context and files."""
