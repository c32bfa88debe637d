"""Pieces of the HTML reports: pages, sections, labels."""
