"""Studies: upload, worklist, images, readings, opinions and marks."""
