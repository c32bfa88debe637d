"""Classifiers: batches, losses, calibration, export."""
