"""Several classes: figures, plots, the section of a report."""
