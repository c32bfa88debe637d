"""The one table of cases, and how cells are understood."""
