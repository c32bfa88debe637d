"""Rays through the anatomy."""
