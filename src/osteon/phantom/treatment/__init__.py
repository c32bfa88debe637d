"""Casts, plates and screws."""
