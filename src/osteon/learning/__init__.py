"""Recipes, models, training, export: the only package that imports torch."""
