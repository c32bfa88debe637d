"""What leads look at: lists, and how far a project is."""
