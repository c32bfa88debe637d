"""Detectors: boxes learnt, measured and exported."""
