"""Phantoms in the published layouts of the datasets: one module for each layout.

`truth.json` next to a dataset's own files holds what no publisher gives: every finding with its outline, its numbers in
mm and degrees, and whether the view shows it.
"""

from __future__ import annotations

from osteon.phantom.layouts.write import LAYOUTS, write

__all__ = ["LAYOUTS", "write"]
