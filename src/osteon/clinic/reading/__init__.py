"""Reading in the background: worker, bundles, images, and what they may take at once."""
