"""``osteon bundle`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

from tests.command import osteon

from osteon.bundle.archive import write_bundle
from osteon.bundle.catalogue import shipped


def test_list_names_what_is_shipped_or_says_that_nothing_is() -> None:
    done = osteon("bundle", "list")
    assert done.returncode == 0
    for name in shipped():
        assert name in done.stdout
    if not shipped():
        assert "ships no bundle" in done.stderr


def test_show_gives_card_manifest_or_both(bundle_file: Path) -> None:
    assert "Finds bright blobs" in osteon("bundle", "show", bundle_file).stdout
    assert osteon("bundle", "show", bundle_file, "--card").stdout.startswith("# blobs 1.0.0\n")
    assert json.loads(osteon("bundle", "show", bundle_file, "--json").stdout)["name"] == "blobs"


def test_verify_runs_the_detector_too(blobs: ModuleType, tmp_path: Path) -> None:
    manifest = blobs.both()
    file = blobs.make(tmp_path / "pair.osteon", manifest)
    assert osteon("bundle", "verify", file).stdout.startswith("ok: blobs@1.0.0, 4 parts")
    shown = json.loads(osteon("bundle", "show", file, "--json").stdout)
    assert (shown["schema_version"], shown["detector"]["file"]) == (2, "detector.onnx")
    write_bundle(file, manifest, blobs.parts(manifest) | {"detector.onnx": blobs.graph()})
    done = osteon("bundle", "verify", file)
    assert done.returncode == 1
    assert "the detector of blobs@1.0.0 is not what its manifest says" in done.stderr


def test_verify_tells_whole_from_altered(bundle_file: Path, tmp_path: Path) -> None:
    done = osteon("bundle", "verify", bundle_file)
    assert done.returncode == 0
    assert done.stdout.startswith("ok: blobs@1.0.0, 3 parts")
    data = bytearray(bundle_file.read_bytes())
    data[data.index(b"AveragePool")] ^= 1
    (tmp_path / "altered.osteon").write_bytes(data)
    done = osteon("bundle", "verify", bundle_file, tmp_path / "altered.osteon", "nosuch")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    assert len(done.stderr.splitlines()) == 2
    assert "Traceback" not in done.stderr
