"""When a bundle may take the place of another: what is fixed beforehand, what was measured, and whether that is enough."""
