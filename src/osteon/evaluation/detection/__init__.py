"""Detection: figures, plots, images with boxes, the section of a report."""
