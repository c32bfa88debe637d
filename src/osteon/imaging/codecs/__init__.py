"""Compressed frames to stored samples."""
