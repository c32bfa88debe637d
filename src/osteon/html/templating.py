"""Pages from Jinja templates: every value is escaped unless a template or a part made it."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

if TYPE_CHECKING:
    from jinja2 import Environment

STYLE: Final = (files("osteon.html") / "templates" / "style.css").read_text("utf-8")
"""The stylesheet of every page."""

POLICY: Final = (
    "default-src 'none'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; style-src "
    f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode('utf-8')).digest()).decode('ascii')}'"
)
"""The content security policy under which a page works: its own style and pictures, nothing else."""


@cache
def environment() -> Environment:
    """Templates by their path within the package, e.g. ``outputs/formats/report.html.jinja``."""
    from jinja2 import (  # which a command that writes no page need not import
        Environment,
        PackageLoader,
        StrictUndefined,
    )

    return Environment(
        loader=PackageLoader("osteon", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(template: str, /, **values: Any) -> str:
    """A page.

    Args:
        template: path within the package.
        values: of the template; text is escaped.
    """
    return environment().get_template(template).render(style=Markup(STYLE), **values)  # noqa: S704 - our own file


def data_url(content: bytes, media_type: str) -> str:
    """A picture as an address that holds it."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"
