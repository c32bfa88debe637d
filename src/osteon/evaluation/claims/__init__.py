"""Comparison of a paper's figures with ours."""
