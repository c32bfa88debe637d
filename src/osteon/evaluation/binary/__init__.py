"""Two classes: figures, subgroups, plots."""
