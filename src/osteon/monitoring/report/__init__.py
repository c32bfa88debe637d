"""What a watch found, as values, as a page and for a terminal."""
