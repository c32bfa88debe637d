"""Annotation: projects in which several readers label studies independently, and what becomes of their reads."""
