"""Bones, soft tissue and their injuries."""
