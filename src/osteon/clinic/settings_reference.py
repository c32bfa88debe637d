"""The table of all settings in ``docs/serving.md``, made from the record; a test compares the two.

python -m osteon.clinic.settings_reference docs/serving.md
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic.fields import FieldInfo

from osteon.clinic.configuration import fields, variable

BEGIN: Final = "<!-- settings: written by python -m osteon.clinic.settings_reference -->\n"
END: Final = "<!-- end of settings -->\n"


def table() -> str:
    """All settings as a table of Markdown, in the order of the record."""
    rows = [
        f"| `{name}` | `{variable(name)}` | {_default(field)} | {field.description} |\n" for name, field in fields()
    ]
    return "".join(("| setting | variable | default | meaning |\n", "|---|---|---|---|\n", *rows))


def updated(page: str) -> str:
    """A page with the present table between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def main(arguments: Sequence[str]) -> None:
    """Update the page that is named."""
    page = Path(arguments[0])
    page.write_text(updated(page.read_text(encoding="utf-8")), encoding="utf-8")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.get_default()
    return "" if default in (None, "", ()) or field.default_factory is not None else _shown(default)


def _shown(default: object) -> str:
    text = str(default)
    return "" if set(text) <= {"*"} else f"`{text}`"  # a secret shows stars at most


if __name__ == "__main__":
    main(sys.argv[1:])
