"""Annotation in the database. What a reader may see is decided by the conditions of the queries."""
