"""How it is written down: tables beside the paper's, plots, page, Markdown and JSON."""
