"""Watching the reading room's own store for drift."""
