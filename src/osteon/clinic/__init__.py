"""What runs in a hospital: the reading room with its store, worker, server and client."""
