"""Text that is burned into pixels, found by its strokes."""
