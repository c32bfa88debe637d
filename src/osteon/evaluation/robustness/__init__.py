"""What degraded images do to the figures."""
