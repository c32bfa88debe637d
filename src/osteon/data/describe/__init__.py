"""The descriptive tables of a dataset."""
