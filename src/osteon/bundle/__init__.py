"""Bundles: a trained network with all that inference must know of it, in one file."""
