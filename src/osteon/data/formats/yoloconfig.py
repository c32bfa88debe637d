"""``data.yaml`` of a YOLO dataset: its classes, parts and key points.

Values are kept as strings: in YAML 1.1 ``no`` is false and ``1_0`` is ten, which is not intended here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from osteon.core.errors import DataError
from osteon.data.files.text import read_text
from osteon.data.formats.parts import PART_WORDS
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode
from osteon.data.table.schema import PARTS

EXPECTED: Final = "names: a list [fracture, implant], or numbers with names"
_PARTS: Final = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}


@dataclass
class YoloConfig:
    """Configuration of a dataset.

    Attributes:
        file: its name.
        names: names of the classes by number.
        base: folder that the paths of the parts are relative to.
        parts: folders, or lists of images, of each part.
        keypoints: numbers that follow each box.
        remarks: on inconsistencies.
    """

    file: str
    names: dict[int, str]
    base: str = ""
    parts: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    keypoints: int = 0
    remarks: list[Remark] = field(default_factory=list[Remark])


def find_config(root: Path) -> YoloConfig:
    """Read the configuration of the dataset in ``root``: ``data.yaml``, another YAML file, or a list of names.

    Raises:
        DataError: there is none, or it names no classes.
    """
    if not root.is_dir():
        raise DataError(f"no folder {root}")
    files = [root / "data.yaml", root / "data.yml", root / "dataset.yaml"]
    files += sorted(path for path in root.iterdir() if path.suffix.lower() in {".yaml", ".yml"} and path not in files)
    there = [path for path in files if path.is_file()]
    for path in there:
        if path is there[-1] or path.name in {"data.yaml", "data.yml"} or "names" in read_text(path)[0]:
            return read_config(path)
    for name in ("obj.names", "classes.txt", "labels/classes.txt", "classes.names"):
        if (root / name).is_file():
            lines = [line.strip() for line in read_text(root / name, name)[0].splitlines()]
            names = {number: line for number, line in enumerate(lines) if line}
            if not names:
                raise DataError(f"{name} names no classes", expected="a name on each line")
            return YoloConfig(name, names, remarks=[Remark(Kind.ASSUMED, name, RemarkCode.CLASSES_TAKEN)])
    raise DataError(
        f"this does not look like the dataset: data.yaml is not in {root}",
        expected=f"data.yaml with {EXPECTED}",
        hint="Give its root folder.",
    )


def read_config(path: Path) -> YoloConfig:
    """Read a ``data.yaml``.

    Raises:
        DataError: it is not YAML, or names no classes.
    """
    text, _ = read_text(path)
    try:
        node = yaml.compose(text, yaml.BaseLoader)
        content: Any = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - it only creates strings, lists and mappings
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        location = f" (line {mark.line + 1})" if mark else ""
        raise DataError(f"{path.name} names no classes: it is not YAML{location}", expected=EXPECTED) from error
    if not isinstance(content, dict):
        raise DataError(f"{path.name} names no classes", expected=EXPECTED)
    if twice := _repeated(node):
        raise DataError(f"{path.name} holds {twice} twice", hint="Keep one of them.")
    config = YoloConfig(path.name, _names(content.get("names"), path.name))
    stated = content.get("nc")
    if isinstance(stated, str) and stated.strip() and stated.strip() != str(len(config.names)):
        config.remarks.append(
            Remark(
                Kind.CONTRADICTING_LABEL,
                path.name,
                RemarkCode.CLASS_COUNT_DIFFERS,
                {"stated": stated[:20], "count": len(config.names)},
            )
        )
    config.base = content["path"] if isinstance(content.get("path"), str) else ""
    for key, part in _PARTS.items():
        value = content.get(key)
        listed = value if isinstance(value, list) else [value]
        config.parts.setdefault(part, []).extend(path for path in listed if isinstance(path, str) and path.strip())
    shape = content.get("kpt_shape")
    if (
        isinstance(shape, list)
        and len(shape) == 2
        and all(isinstance(value, str) and value.isdecimal() for value in shape)
    ):
        config.keypoints = int(shape[0]) * int(shape[1])
    return config


def _names(names: Any, file: str) -> dict[int, str]:
    """The names by number, each number once.

    Raises:
        DataError: they are neither a list nor a mapping from numbers, or one is blank.
    """
    if isinstance(names, list):
        listed: dict[Any, Any] = dict(enumerate(names))
    elif isinstance(names, dict):
        listed = names
    else:
        got = f"the single word {names[:40]!r}" if isinstance(names, str) and names else "none"
        raise DataError(f"{file} names no classes", expected=EXPECTED, got=got)
    found: dict[int, str] = {}
    for key, name in listed.items():
        number = int(key) if isinstance(key, int) or (isinstance(key, str) and key.strip().isdecimal()) else None
        if number is None:
            raise DataError(
                f"{file} names no classes: a key of names is not a number", expected=EXPECTED, got=str(key)[:40]
            )
        if not isinstance(name, str) or not name.strip():
            raise DataError(f"{file} names no classes: the name of class {number} is blank", expected=EXPECTED)
        if number in found:
            raise DataError(f"{file} names class {number} twice", got=f"{found[number]} and {name}")
        found[number] = name
    if not found:
        raise DataError(f"{file} names no classes", expected=EXPECTED, got="an empty list")
    return found


def _repeated(node: Any) -> str:
    """A key that occurs twice in the file or its names; empty where there is none."""
    if not isinstance(node, yaml.MappingNode):
        return ""
    for keys in (node, *(value for key, value in node.value if key.value == "names")):
        if isinstance(keys, yaml.MappingNode):
            seen: set[str] = set()
            for key, _ in keys.value:
                if str(key.value) in seen:
                    return f"the key {str(key.value)[:40]}"
                seen.add(str(key.value))
    return ""


def part_paths(config: YoloConfig, root: Path) -> tuple[Mapping[str, list[Path]], list[Remark]]:
    """The folders and lists of images of each part below the root, and remarks on those that are not.

    Paths are relative to ``path``, which is often from another machine, or to the root; Roboflow writes ``../`` before
    them.
    """
    found: dict[str, list[Path]] = {}
    remarks: list[Remark] = []
    here = absolute(root)
    parts = config.parts
    if not any(parts.values()):  # darknet's lists, as CVAT writes them
        lists = sorted(path for path in root.glob("*.txt") if path.stem.lower() in PART_WORDS)
        parts = {part: [path.name for path in lists if PART_WORDS[path.stem.lower()] == part] for part in PARTS}
    for part, listed in parts.items():
        for stated in listed:
            plain = stated.replace("\\", "/").strip()
            bases = [root / config.base.replace("\\", "/").strip(), root]
            tries = [base / plain for base in bases] + [root / plain.lstrip("./")]
            lying = map(absolute, tries)
            path_found = next((path for path in lying if path.exists() and path.is_relative_to(here)), None)
            if path_found is not None:
                found.setdefault(part, []).append(path_found)
            else:
                remarks.append(
                    Remark(Kind.ASSUMED, config.file, RemarkCode.PART_NOT_BELOW, {"part": part, "stated": stated[:80]})
                )
    return found, remarks


def absolute(path: Path) -> Path:
    """The path from the root of the file system, without ``..``; links are kept as they are."""
    return Path(os.path.normpath(Path.cwd() / path))
