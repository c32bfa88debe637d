"""A paper's figures beside ours."""
