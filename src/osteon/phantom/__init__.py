"""Phantoms: radiographs computed from three-dimensional anatomy, with the truth of each."""
