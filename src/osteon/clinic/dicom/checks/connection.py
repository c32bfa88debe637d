"""The first steps of a test: a connection, and TLS over it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import Final

from osteon.clinic.dicom.checks.outcome import CheckError, Deadline
from osteon.core.codes.check import CheckCause

SETTLE: Final = 0.3
"""Seconds in which a server that refuses our certificate says so: in TLS 1.3 it does after the handshake."""

_NAME, _EXPIRED, _NOT_YET = 62, 10, 9
"""Codes of OpenSSL's verification: another host name, expired, not yet valid."""


def connect(host: str, port: int) -> Callable[[Deadline], None]:
    """The step that sees whether somebody listens."""

    def attempt(deadline: Deadline) -> None:
        _connected(host, port, deadline).close()

    return attempt


def shake_hands(host: str, port: int, security: ssl.SSLContext, name: str = "") -> Callable[[Deadline], None]:
    """The step that sees whether both sides accept each other's certificates; ``name`` is that in the other's."""

    def attempt(deadline: Deadline) -> None:
        with _connected(host, port, deadline) as plain:
            plain.settimeout(deadline.left)
            try:
                with security.wrap_socket(plain, server_hostname=name or host) as secure:
                    secure.settimeout(min(SETTLE, deadline.left))
                    _listen(secure)
            except ssl.SSLError as error:
                raise _tls_error(error) from error
            except TimeoutError as error:
                raise CheckError(CheckCause.TIMEOUT) from error
            except OSError as error:
                raise CheckError(CheckCause.NO_TLS, error.strerror or "") from error

    return attempt


def _listen(secure: ssl.SSLSocket) -> None:
    try:
        secure.recv(1)
    except TimeoutError:
        return  # it has nothing against us
    except ssl.SSLEOFError:
        return


def _connected(host: str, port: int, deadline: Deadline) -> socket.socket:
    try:
        return socket.create_connection((host, port), deadline.left)
    except socket.gaierror as error:
        raise CheckError(CheckCause.NAME) from error
    except ConnectionRefusedError as error:
        raise CheckError(CheckCause.REFUSED) from error
    except TimeoutError as error:
        raise CheckError(CheckCause.TIMEOUT) from error
    except (OSError, UnicodeError) as error:
        raise CheckError(CheckCause.UNREACHABLE, getattr(error, "strerror", None) or "") from error


def _tls_error(error: ssl.SSLError) -> CheckError:
    reason = error.reason or ""
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code == _NAME or "mismatch" in (error.verify_message or "").lower():
            return CheckError(CheckCause.OTHER_NAME)
        if error.verify_code in (_EXPIRED, _NOT_YET):
            return CheckError(CheckCause.EXPIRED)
        return CheckError(CheckCause.UNTRUSTED, error.verify_message or "")
    if "ALERT" in reason:
        return CheckError(CheckCause.OWN_CERTIFICATE, reason.lower().replace("_", " "))
    return CheckError(CheckCause.NO_TLS, reason.lower().replace("_", " "))
