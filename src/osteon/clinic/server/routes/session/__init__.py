"""Login, logout and one's own account."""
