"""The page: files that the build put beside the code. What is served is listed at the start, so no path leads elsewhere."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from osteon.clinic.server.problems import ProblemError

FOLDER: Final = Path(__file__).parent.parent / "page"

_HASHED: Final = re.compile(r"[.-][A-Za-z0-9_-]{8,}\.\w+$")
_TEXT: Final = (".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".wasm", ".webmanifest")
_TYPES: Final = {".js": "text/javascript", ".mjs": "text/javascript", ".webmanifest": "application/manifest+json"}
_SHORT: Final = 1024

UNBUILT: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Osteon</title>
<h1>Osteon reads, but its page was not built</h1>
<p>The server works: its API is at <a href="/api/v1/openapi.json">/api/v1</a>.</p>
<p>In a clone, <code>npm ci</code> and <code>npm run build</code> in the folder <code>web</code> build it.</p>
</html>
"""


class Page:
    """The files of the page.

    Args:
        folder: where the build put them; need not exist.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        found = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
        self._files = {path.relative_to(folder).as_posix(): path for path in found}
        self._kept: dict[str, bytes] = {}

    def answer(self, request: Request, name: str) -> Response:
        """The file of a name.

        Raises:
            ProblemError: there is none (404).
        """
        name = name or "index.html"
        file = self._files.get(name)
        if file is None:
            if name == "index.html":
                return HTMLResponse(UNBUILT, headers={"Cache-Control": "no-cache"})
            raise ProblemError(404, "Not found")
        lasting = name.startswith("assets/") and _HASHED.search(name) is not None
        headers = {"Cache-Control": "public, max-age=31536000, immutable" if lasting else "no-cache"}
        media = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        if file.suffix not in _TEXT or file.stat().st_size < _SHORT:
            return FileResponse(file, media_type=media, headers=headers)
        headers["Vary"] = "Accept-Encoding"
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return FileResponse(file, media_type=media, headers=headers)
        body = self._compressed(name, file)
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers |= {"ETag": tag, "Content-Encoding": "gzip"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=media, headers=headers)

    def _compressed(self, name: str, file: Path) -> bytes:
        """A file as it goes over the wire; the page is a few files, so they are kept."""
        if name not in self._kept:
            self._kept[name] = gzip.compress(file.read_bytes(), 6, mtime=0)
        return self._kept[name]
