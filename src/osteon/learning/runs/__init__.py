"""A run: a folder with the recipe, the split and what training wrote."""
