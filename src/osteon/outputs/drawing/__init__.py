"""What several formats draw with: colours, a pen, the overlay, a sheet of paper."""
