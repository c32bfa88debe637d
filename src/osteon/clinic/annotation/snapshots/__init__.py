"""Snapshots of a project: what was decided of each image, without anything that is still open."""
