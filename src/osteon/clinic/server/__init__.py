"""The HTTP side of the reading room."""
