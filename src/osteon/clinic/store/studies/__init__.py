"""Studies as they are kept: admitted, assembled, queued, read, removed."""
