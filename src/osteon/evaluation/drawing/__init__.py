"""What every plot of an evaluation shares: its look, and how it becomes a file."""
