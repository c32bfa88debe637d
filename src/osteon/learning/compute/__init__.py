"""Several processes, machines, and arithmetic in integers."""
