"""Boxes: figures, plots, pictures, the section of a report."""
