"""A bundle opens only if it is whole, unaltered, and of a schema that is known."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from osteon.bundle.archive import Bundle, open_bundle, write_bundle
from osteon.bundle.catalogue import DEFAULT, locate, shipped
from osteon.core.errors import BundleError

Parts = dict[str, bytes]


@pytest.fixture
def altered(bundle_file: Path, tmp_path: Path) -> Callable[[Callable[[Parts], None]], Path]:
    """Give a function that writes a copy of the bundle after a change of its parts."""

    def write(change: Callable[[Parts], None]) -> Path:
        with zipfile.ZipFile(bundle_file) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        change(parts)
        path = tmp_path / "altered.osteon"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        return path

    return write


def head(**changes: object) -> Callable[[Parts], None]:
    """A change of fields of ``bundle.json``."""

    def change(parts: Parts) -> None:
        fields = json.loads(parts["bundle.json"])
        for name, value in changes.items():
            place = fields
            *path, last = name.split("__")
            for step in path:
                place = place[step]
            place[last] = value
        parts["bundle.json"] = json.dumps(fields).encode()

    return change


def test_what_was_written_is_what_opens(blobs: ModuleType, tmp_path: Path) -> None:
    manifest = blobs.manifest()
    written = write_bundle(tmp_path / "a.osteon", manifest, {**blobs.parts(manifest), "failures.png": b"png"})
    opened = open_bundle(tmp_path / "a.osteon")
    assert isinstance(opened, Bundle)
    assert opened == written
    assert opened.manifest.model_copy(update={"files": {}}) == manifest
    assert sorted(opened.parts) == ["MODEL_CARD.md", "failures.png", "model.onnx"]
    assert opened.graph == blobs.graph()
    assert opened.card.startswith("# blobs 1.0.0")


def test_the_same_parts_give_the_same_bytes(blobs: ModuleType, tmp_path: Path) -> None:
    first, second = blobs.make(tmp_path / "a.osteon"), blobs.make(tmp_path / "b.osteon")
    assert first.read_bytes() == second.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.osteon", "b.osteon"]


def test_the_archive_holds_no_pickle_and_no_folder(bundle_file: Path) -> None:
    with zipfile.ZipFile(bundle_file) as archive:
        assert archive.namelist() == ["bundle.json", "MODEL_CARD.md", "model.onnx"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda parts: parts.update({"model.onnx": parts["model.onnx"] + b"!"}), "hash of model.onnx is wrong"),
        (lambda parts: parts.update({"MODEL_CARD.md": b"better"}), "hash of MODEL_CARD.md is wrong"),
        (lambda parts: parts.pop("model.onnx"), "incomplete: model.onnx is missing"),
        (lambda parts: parts.pop("bundle.json"), "bundle.json is missing"),
        (lambda parts: parts.update({"weights.pkl": b"x"}), "weights.pkl is not listed"),
        (lambda parts: parts.update({"../model.onnx": b"x"}), "plain file names"),
        (lambda parts: parts.update({"/etc/passwd": b"x"}), "plain file names"),
        (lambda parts: parts.update({"a/b.txt": b"x"}), "plain file names"),
        (lambda parts: parts.update({f"p{i}": b"" for i in range(70)}), "at most 64 parts"),
        (lambda parts: parts.update({"bundle.json": b"{"}), "cannot be read"),
        (lambda parts: parts.update({"bundle.json": b"[]"}), "cannot be read"),
        (lambda parts: parts.update({"bundle.json": b"\xff\xfe\x00"}), "cannot be read"),
        (head(schema_version=5), "newer Osteon"),
        (head(schema_version=99, something="new"), "newer Osteon"),
        (head(schema_version="1.5"), "schema_version"),
        (head(colour="red"), "colour"),
        (head(preprocessing__gamma=2.2), "gamma"),
        (head(calibration__temperature=0), "calibration.temperature"),
        (head(operating_points__doubt__threshold=0.9), "operating_points"),
        (head(files={}), "not listed"),
    ],
)
def test_an_altered_bundle_is_refused_with_a_reason(
    altered: Callable[[Callable[[Parts], None]], Path], change: Callable[[Parts], None], reason: str
) -> None:
    with pytest.raises(BundleError, match=reason):
        open_bundle(altered(change))


def test_a_missing_field_is_named(altered: Callable[[Callable[[Parts], None]], Path]) -> None:
    def change(parts: Parts) -> None:
        fields = json.loads(parts["bundle.json"])
        del fields["indication"]
        parts["bundle.json"] = json.dumps(fields).encode()

    with pytest.raises(BundleError, match="at indication"):
        open_bundle(altered(change))


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("osteon.bundle.archive.MAXIMUM_BYTES", 128 << 20)  # to write fewer
    path = tmp_path / "bomb.osteon"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("model.onnx", "w") as stream:
        for _ in range(129):
            stream.write(bytes(1 << 20))
    assert path.stat().st_size < 250_000
    with pytest.raises(BundleError, match="too large"):
        open_bundle(path)


def test_a_size_that_lies_is_noticed(bundle_file: Path, tmp_path: Path) -> None:
    data = bytearray(bundle_file.read_bytes())
    at = data.rindex(b"PK\x01\x02") + 24
    data[at : at + 4] = (7).to_bytes(4, "little")
    path = tmp_path / "lies.osteon"
    path.write_bytes(data)
    with pytest.raises(BundleError, match=r"not the size|damaged"):
        open_bundle(path)


@pytest.mark.parametrize("keep", [0, 10, 1000])
def test_a_truncated_file_is_no_bundle(bundle_file: Path, tmp_path: Path, keep: int) -> None:
    path = tmp_path / "short.osteon"
    path.write_bytes(bundle_file.read_bytes()[:keep])
    with pytest.raises(BundleError, match="damaged"):
        open_bundle(path)


def test_every_flipped_byte_is_noticed(bundle_file: Path, tmp_path: Path) -> None:
    """A changed byte of a part is refused; one in the archive's own fields may be harmless, but never alters a part."""
    original = bundle_file.read_bytes()
    reference = open_bundle(bundle_file)
    path = tmp_path / "flipped.osteon"
    for at in range(0, len(original), 37):
        data = bytearray(original)
        data[at] ^= 0x55
        path.write_bytes(data)
        try:
            assert open_bundle(path) == reference
        except BundleError as error:
            assert error.problem  # noqa: PT017 - either outcome is right, and the first is checked above


def test_a_part_twice_is_refused(bundle_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "twice.osteon"
    path.write_bytes(bundle_file.read_bytes())
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("model.onnx", b"other")
    with pytest.raises(BundleError, match="twice"):
        open_bundle(path)


def test_writing_needs_graph_card_and_plain_names(blobs: ModuleType, tmp_path: Path) -> None:
    manifest = blobs.manifest()
    parts = blobs.parts(manifest)
    for wrong in ({"model.onnx": b"x"}, {"MODEL_CARD.md": b"x"}, {**parts, "../x": b""}, {**parts, "bundle.json": b""}):
        with pytest.raises(BundleError):
            write_bundle(tmp_path / "a.osteon", manifest, wrong)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(BundleError, match="cannot be written"):
        write_bundle(tmp_path / "none" / "a.osteon", manifest, parts)


def test_names_are_found_or_explained(tmp_path: Path, bundle_file: Path) -> None:
    assert locate(bundle_file) == bundle_file
    with pytest.raises(BundleError, match="no bundle named 'nosuch'"):
        locate("nosuch")
    with pytest.raises(BundleError, match=r"no bundle at .*x\.osteon"):
        locate(tmp_path / "x.osteon")
    with pytest.raises(BundleError, match="is a folder"):
        locate(tmp_path)


def test_every_shipped_bundle_is_whole() -> None:
    for name in shipped():
        assert open_bundle(name).manifest.name == name
    if shipped():
        assert DEFAULT in shipped()
    else:
        with pytest.raises(BundleError, match="ships no bundle"):
            open_bundle(DEFAULT)
