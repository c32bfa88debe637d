"""Says over HTTP that a worker lives, for what watches containers: ``/health`` and ``/metrics``, and nothing of a patient."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST

from osteon.clinic.opening import Parts
from osteon.clinic.server.audit.metrics import Metrics
from osteon.core.errors import OsteonError

_TIMEOUT: Final = 5.0


class Health:
    """Answers on a port until it is stopped.

    Args:
        port: on all addresses; 0 takes a free one.
        parts: of the worker.

    Raises:
        OsteonError: the port cannot be used.
    """

    def __init__(self, port: int, parts: Parts) -> None:
        metrics = Metrics(parts.database)

        class Handler(BaseHTTPRequestHandler):
            timeout = _TIMEOUT

            def do_GET(self) -> None:
                if self.path == "/health":
                    alive = parts.worker.alive and parts.member.alive
                    self._answer(200 if alive else 503, "text/plain", b"alive\n" if alive else b"not alive\n")
                elif self.path == "/metrics":
                    self._answer(200, CONTENT_TYPE_LATEST, metrics.text())
                else:
                    self._answer(404, "text/plain", b"there is /health and /metrics\n")

            def _answer(self, status: int, kind: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the library names it
                """Nothing: each look would be a line."""

        try:
            self._server = ThreadingHTTPServer(("0.0.0.0", port), Handler)  # noqa: S104 - it tells nothing but that it lives
        except OSError as error:
            raise OsteonError(f"port {port} cannot be listened on", got=error.strerror or str(error)) from error
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="osteon-health", daemon=True)

    @property
    def port(self) -> int:
        """The port that it answers on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()
