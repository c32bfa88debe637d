"""Abstention: what a bundle refuses, and what that is worth."""
