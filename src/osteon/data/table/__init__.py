"""The table of cases, and parsing of its cells."""
