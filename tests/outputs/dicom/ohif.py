"""OHIF, a viewer in the browser, over an archive: fetched once, and served to this machine alone."""

from __future__ import annotations

import http.server
import mimetypes
import os
import shutil
import subprocess
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import httpx
import pytest

VERSION: Final = "3.13.2"

CONFIGURATION: Final = b"""
window.config = {
  routerBasename: "/", extensions: [], modes: [], showStudyList: true, maxNumberOfWebWorkers: 2,
  showWarningMessageForCrossOrigin: false, showCPUFallbackMessage: false, defaultDataSourceName: "dicomweb",
  dataSources: [{
    namespace: "@ohif/extension-default.dataSourcesModule.dicomweb", sourceName: "dicomweb",
    configuration: {
      friendlyName: "archive", name: "archive", wadoUriRoot: "/dicom-web", qidoRoot: "/dicom-web",
      wadoRoot: "/dicom-web", qidoSupportsIncludeField: false, imageRendering: "wadors", thumbnailRendering: "wadors",
      enableStudyLazyLoad: true, supportsFuzzyMatching: false, supportsWildcard: true,
      omitQuotationForMultipartRequest: true, bulkDataURI: {enabled: true},
    },
  }],
};
"""


def fetch() -> Path:
    """The folder of the built viewer, kept in the user's cache; skips where it cannot be fetched (50 MB from npm)."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "osteon"
    folder = cache / f"ohif-{VERSION}"
    if folder.is_dir():
        return folder
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("needs npm, to fetch OHIF")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as place:
        ended = subprocess.run(
            [npm, "pack", "--silent", f"@ohif/app@{VERSION}"], cwd=place, capture_output=True, timeout=300, check=False
        )
        found = list(Path(place).glob("*.tgz"))
        if ended.returncode or not found:
            pytest.skip("OHIF cannot be fetched from npm")
        with tarfile.open(found[0]) as archive:
            archive.extractall(place, filter="data")
        (Path(place) / "package" / "dist").rename(folder)
    return folder


class _Handler(http.server.BaseHTTPRequestHandler):
    """Serves the viewer's files, and passes what is below ``/dicom-web`` on to the archive, so that both are of one origin."""

    protocol_version = "HTTP/1.1"

    def __init__(self, folder: Path, upstream: str, *arguments: object) -> None:
        self._folder, self._upstream = folder, upstream
        super().__init__(*arguments)  # pyright: ignore[reportArgumentType]

    def log_message(self, *_arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path.startswith("/dicom-web"):
            headers = {"Accept": self.headers.get("Accept", "*/*"), "Host": self.headers["Host"]}
            answer = httpx.get(f"{self._upstream}{self.path}", headers=headers, timeout=60)
            kind = answer.headers.get("Content-Type", "application/octet-stream")
            self._answer(answer.status_code, kind, answer.content)
            return
        if self.path == "/app-config.js":
            self._answer(200, "text/javascript", CONFIGURATION)
            return
        file = self._folder / self.path.partition("?")[0].lstrip("/")
        if not file.resolve().is_relative_to(self._folder.resolve()) or not file.is_file():
            file = self._folder / "index.html"
        kind = "application/wasm" if file.suffix == ".wasm" else mimetypes.guess_type(file.name)[0]
        self._answer(200, kind or "application/octet-stream", file.read_bytes())

    def _answer(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        # Without these the viewer's decoders get no shared memory.
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serve(folder: Path, upstream: str) -> Iterator[str]:
    """Serve the viewer over an archive; gives its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, folder, upstream))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
