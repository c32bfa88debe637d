"""Splits: dividing a table into parts."""
