"""The pixels: written with the samples that are displayed, and nothing else."""
