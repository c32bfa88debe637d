"""Who saw and did what, written down; logs and metrics."""
