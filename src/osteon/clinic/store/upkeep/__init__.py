"""The store itself: its claim, clock, space, and files that nothing needs."""
