"""Writes the OpenAPI document that the server publishes; needs neither a server nor a store.

    python -m osteon.clinic.server.openapi openapi.json

Without a file it goes to standard output. The same code always writes the same bytes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from osteon.clinic.server.api import api


def document() -> str:
    """The document as JSON, with a line break at its end."""
    return json.dumps(api().openapi(), indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str]) -> None:
    """Write the document to the file that is named, or to standard output."""
    if arguments:
        Path(arguments[0]).write_text(document(), encoding="utf-8")
    else:
        sys.stdout.write(document())


if __name__ == "__main__":
    main(sys.argv[1:])
