"""How it is run: train, export and evaluate, several runs at a time or over a cluster."""
