"""The bundle as a file: a plain zip of ``bundle.json``, the ONNX graphs, the model card and whatever else was measured.

A bundle is verified as a whole before any part of it is used: ``bundle.json`` lists the SHA-256 of every other part, so
the digest of ``bundle.json`` stands for the whole bundle. Nothing is ever unpacked to disk.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from osteon.bundle.catalogue import locate
from osteon.bundle.manifest import SCHEMA, Manifest
from osteon.core.errors import BundleError

MANIFEST: Final = "bundle.json"
CARD: Final = "MODEL_CARD.md"
MAXIMUM_PARTS: Final = 64
MAXIMUM_BYTES: Final = 1 << 31
"""Limits on what a bundle may hold once unpacked: more is refused before it is read.

ViT-L has 1.2 GB of weights; an ONNX graph cannot have more than 2 GiB."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_TIMESTAMP: Final = (1980, 1, 1, 0, 0, 0)
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED: Final = 0x1


@dataclass(frozen=True, slots=True)
class Bundle:
    """A verified bundle in memory.

    Attributes:
        manifest: what ``bundle.json`` says.
        parts: every other part by name, as bytes.
        digest: SHA-256 of ``bundle.json``; since that holds the hash of each part, it identifies the whole bundle.
    """

    manifest: Manifest
    parts: Mapping[str, bytes]
    digest: str

    @property
    def graph(self) -> bytes:
        """The ONNX graph of the classifier.

        Raises:
            BundleError: the bundle holds a detector alone.
        """
        if self.manifest.graph is None:
            raise BundleError(f"{self.manifest.identity} has no classifier")
        return self.parts[self.manifest.graph.file]

    @property
    def detector(self) -> bytes:
        """The ONNX graph of the detector.

        Raises:
            BundleError: the bundle holds none.
        """
        if self.manifest.detector is None:
            raise BundleError(f"{self.manifest.identity} has no detector")
        return self.parts[self.manifest.detector.file]

    @property
    def card(self) -> str:
        """The model card, Markdown."""
        return self.parts[CARD].decode("utf-8")


_DAMAGE: Final = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError)
"""What zipfile raises over altered bytes: also that a version or method is not supported, or a password needed."""


def open_bundle(name_or_path: str | os.PathLike[str]) -> Bundle:
    """Open a bundle and verify every part of it.

    Args:
        name_or_path: name of a shipped bundle (``fracatlas``), or path of a file.

    Raises:
        BundleError: there is no such bundle, it was altered, is incomplete, or was made by a newer schema.
    """
    path = locate(name_or_path)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = _unpack(archive, path)
    except _DAMAGE as error:
        raise BundleError(f"{path} is not a bundle: the archive is damaged", got=str(error)) from error
    except OSError as error:
        raise BundleError(f"{path} cannot be opened", got=error.strerror or str(error)) from error
    return _verified(parts, path)


def write_bundle(path: str | os.PathLike[str], manifest: Manifest, parts: Mapping[str, bytes]) -> Bundle:
    """Write a bundle; the same manifest and parts always give the same bytes.

    The parts are stored uncompressed: weights hardly shrink, and opening stays fast.

    Args:
        path: of the file to write; it is replaced in one step.
        manifest: its ``files`` are filled in here.
        parts: every part but ``bundle.json``; the graphs and ``MODEL_CARD.md`` must be among them.

    Returns:
        The bundle as ``open_bundle`` would give it.

    Raises:
        BundleError: a part is missing or has a name that is not allowed, or the file cannot be written.
    """
    target = Path(path)
    _check_names([MANIFEST, *parts], target)
    hashes = {name: hashlib.sha256(parts[name]).hexdigest() for name in sorted(parts)}
    complete = manifest.model_copy(update={"files": hashes})
    head = (complete.model_dump_json(indent=2) + "\n").encode("utf-8")
    bundle = _verified({MANIFEST: head, **parts}, target)
    draft = target.with_name(target.name + ".part")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
            for name, content in ((MANIFEST, head), *((name, parts[name]) for name in sorted(parts))):
                entry = zipfile.ZipInfo(name, _TIMESTAMP)
                entry.external_attr = 0o644 << 16
                entry.create_system = 3
                archive.writestr(entry, content)
        draft.replace(target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise BundleError(f"{target} cannot be written", got=error.strerror or str(error)) from error
    return bundle


def _unpack(archive: zipfile.ZipFile, path: Path) -> dict[str, bytes]:
    """Read all parts of an archive, within the limits."""
    entries = archive.infolist()
    if len(entries) > MAXIMUM_PARTS:
        raise BundleError(f"{path} is not a bundle", expected=f"at most {MAXIMUM_PARTS} parts", got=str(len(entries)))
    size = sum(entry.file_size for entry in entries)
    if size > MAXIMUM_BYTES:
        raise BundleError(f"{path} is too large", expected=f"at most {MAXIMUM_BYTES:,} bytes", got=f"{size:,}")
    _check_names([entry.filename for entry in entries], path)
    return {entry.filename: _unpack_one(archive, entry, path) for entry in entries}


def _unpack_one(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> bytes:
    """Read one part; a size that the directory of the archive understates is noticed, not followed."""
    if entry.compress_type not in _METHODS or entry.flag_bits & _ENCRYPTED:
        raise BundleError(f"{path}: {entry.filename} is encrypted or compressed in a way that bundles do not use")
    with archive.open(entry) as stream:
        content = stream.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise BundleError(f"{path}: {entry.filename} does not have the size that the archive states")
    return content


def _check_names(names: list[str], path: Path) -> None:
    """Refuse names twice, folders, and anything that could point outside the bundle."""
    for name in names:
        if not _NAME.fullmatch(name):
            raise BundleError(f"{path} is not a bundle", expected="plain file names", got=repr(name))
    if len(set(names)) != len(names):
        raise BundleError(f"{path} is not a bundle: a part is there twice")


def _verified(parts: Mapping[str, bytes], path: Path) -> Bundle:
    """Check the manifest, the list of parts and the hash of each."""
    if MANIFEST not in parts:
        raise BundleError(f"{path} is not a bundle: {MANIFEST} is missing")
    manifest = _manifest(parts[MANIFEST], path)
    others = {name: content for name, content in parts.items() if name != MANIFEST}
    networks = {network.file for network in (manifest.graph, manifest.detector) if network is not None}
    for name in sorted(manifest.files.keys() | networks | {CARD}):
        if name not in others:
            raise BundleError(f"{path} is incomplete: {name} is missing", hint="Fetch or export the bundle again.")
    for name, content in others.items():
        if name not in manifest.files:
            raise BundleError(f"{path} was altered: {name} is not listed in {MANIFEST}")
        digest = hashlib.sha256(content).hexdigest()
        if digest != manifest.files[name]:
            raise BundleError(
                f"{path} was altered: the hash of {name} is wrong",
                expected=manifest.files[name],
                got=digest,
                hint="Fetch or export the bundle again.",
            )
    return Bundle(manifest, others, hashlib.sha256(parts[MANIFEST]).hexdigest())


def _manifest(head: bytes, path: Path) -> Manifest:
    """Parse ``bundle.json``; the schema is looked at first, since a newer one may differ in anything else."""
    try:
        version = json.loads(head)["schema_version"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BundleError(f"{path}: {MANIFEST} cannot be read", expected="JSON with a schema_version") from error
    if isinstance(version, int) and version > SCHEMA:
        raise BundleError(
            f"{path} was made by a newer Osteon",
            expected=f"schema {SCHEMA} or older",
            got=f"schema {version}",
            hint="Update osteon.",
        )
    try:
        return Manifest.model_validate_json(head)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or MANIFEST
        raise BundleError(f"{path}: {MANIFEST} does not follow the schema at {place}", got=first["msg"]) from error
