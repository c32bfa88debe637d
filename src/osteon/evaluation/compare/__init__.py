"""Systems compared: paired tests, tables, plots."""
