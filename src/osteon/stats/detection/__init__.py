"""Boxes found against boxes marked: matching, average precision, FROC."""
