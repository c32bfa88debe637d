"""What decision fusion changes."""
