"""Binary classification: figures, subgroups, plots."""
