"""HTML pages that stand alone: one base template, one stylesheet, and the parts that reports are put together from."""
