"""What one client may ask for, and how."""
