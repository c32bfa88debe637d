"""Receiving: who may send, what is kept before it is acknowledged, and how it becomes studies."""
