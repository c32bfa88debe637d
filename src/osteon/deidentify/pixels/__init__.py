"""The pixels: written with the samples that are shown, and nothing besides."""
