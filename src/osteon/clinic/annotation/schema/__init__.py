"""Label schemas: what may be said of a study, an image or a region, and which answers go together."""
