"""Shapes in space, and the camera that sees them."""
