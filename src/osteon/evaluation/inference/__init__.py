"""Evaluation by the deployed inference pipeline."""
