"""Opinions and marks in words and tables."""
