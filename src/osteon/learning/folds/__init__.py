"""Cross-validation: a recipe trained fold by fold, and figures of predictions that no network made of its own training images."""
