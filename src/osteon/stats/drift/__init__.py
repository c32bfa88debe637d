"""Whether what arrives has changed: tests that may be looked at every day, and those of a batch against a reference."""
