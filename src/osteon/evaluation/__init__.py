"""Figures with intervals, plots, reports and comparisons: what a network is worth, from predictions. No torch."""
