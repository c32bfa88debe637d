"""The part of a radiograph that a network is shown."""
