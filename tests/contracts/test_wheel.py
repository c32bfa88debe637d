"""The wheel holds every file of the package: what git ignores, hatchling leaves out without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_every_file_of_the_package_is_in_the_wheel() -> None:
    wheel = pytest.importorskip("hatchling.builders.wheel", reason="needs hatchling")
    packed = {file.distribution_path for file in wheel.WheelBuilder(str(ROOT)).recurse_included_files()}
    source = ROOT / "src"
    there = {
        file.relative_to(source).as_posix()
        for file in (source / "osteon").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert there - packed == set()


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {file.parent for file in (ROOT / "src" / "osteon").rglob("*.py")}
    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []
