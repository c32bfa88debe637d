"""What the reading room's own store tells of drift."""
