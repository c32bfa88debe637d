"""Whether heat maps mean anything."""
