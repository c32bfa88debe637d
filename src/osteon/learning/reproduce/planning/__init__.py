"""What is run: one run for each recipe and seed, on data that are given or simulated."""
