"""Files of the registry in the store: bundles and evidence, by their hash."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

from osteon.bundle.archive import Bundle, open_bundle
from osteon.clinic.store.files import settle, settle_folder
from osteon.core.errors import BundleError, StoreError

FOLDER: Final = "registry"

LARGEST: Final = 64 << 20
"""Bytes of a file of evidence."""


def keep_bundle(store: Path, source: str | os.PathLike[str]) -> Bundle:
    """Keep a copy of a bundle in the store, so that its file cannot be altered or go.

    Args:
        store: folder of the store.
        source: name of a shipped bundle, or a file.

    Raises:
        BundleError: it is none.
        StoreError: it cannot be kept.
    """
    from osteon.bundle.catalogue import locate

    opened = open_bundle(source)
    path = bundle_path(store, opened.digest)
    if not path.is_file():
        _keep(path, Path(locate(source)).read_bytes())
    kept = open_bundle(path)  # the copy, as it will be read
    if kept.digest != opened.digest:
        raise StoreError("the file of the bundle was replaced while it was copied", hint="Register it again.")
    return kept


def bundle_path(store: Path, digest: str) -> Path:
    """Where the file of a registered bundle lies."""
    return store / FOLDER / f"{digest}.osteon"


def keep_evidence(store: Path, source: Path) -> str:
    """Keep a copy of a file of evidence.

    Returns:
        Its SHA-256.

    Raises:
        StoreError: it is too large, or cannot be kept.
    """
    if source.stat().st_size > LARGEST:
        raise StoreError("this evidence is too large to be kept", expected=f"at most {LARGEST:,} bytes")
    content = source.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    path = evidence_path(store, digest)
    if not path.is_file():
        _keep(path, content)
    return digest


def evidence_path(store: Path, digest: str) -> Path:
    """Where a file of evidence lies."""
    return store / FOLDER / f"{digest}.evidence"


def _keep(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, and durably."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with draft.open("wb") as stream:
            stream.write(content)
            settle(stream)
        draft.replace(path)
        settle_folder(path.parent)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise StoreError("the store cannot keep this file", got=error.strerror or type(error).__name__) from error


def open_kept(store: Path, digest: str) -> Bundle:
    """Open a registered bundle from its copy.

    Raises:
        BundleError: the copy is missing, or was altered.
    """
    opened = open_bundle(bundle_path(store, digest))
    if opened.digest != digest:
        raise BundleError(
            "the kept file of a registered bundle was replaced",
            expected=digest[:12],
            got=opened.digest[:12],
            hint="Go back to the bundle before: osteon registry rollback NAME.",
        )
    return opened
