"""Sphinx configuration; the pages of recipes, commands and bundles are made from the code when the documentation is built."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from generate import generate

project = "Osteon"
copyright = "2026, the Osteon developers"  # noqa: A001 - Sphinx's name
version = release = installed("osteon")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "Osteon"
html_static_path = ["static"]
html_css_files = ["tables.css"]
exclude_patterns = ["generated/evidence/*", "generated/conformance.md", "evidence/*", "speed-*.md"]
autodoc_typehints = "description"
autodoc_member_order = "bysource"
suppress_warnings = ["myst.header"]

generate(Path(__file__).parent / "generated")
