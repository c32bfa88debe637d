"""From a run to the parts of a bundle."""
