"""The registry of bundles: which version of a bundle reads here, and how that came to be."""
