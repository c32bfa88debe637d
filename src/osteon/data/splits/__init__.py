"""Dividing a table into parts."""
