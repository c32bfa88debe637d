"""Bundles: a trained network with all that a reader must know of it, in one file."""
