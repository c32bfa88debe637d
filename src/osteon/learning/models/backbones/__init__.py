"""Backbones: published networks without their classifier, and where their weights come from."""
