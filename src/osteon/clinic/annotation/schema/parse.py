"""Label schemas of files: YAML or JSON, which say the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from osteon.clinic.annotation.codec import invalid
from osteon.clinic.annotation.schema.check import Place, SchemaFault, check, faults
from osteon.clinic.annotation.schema.locate import Lines
from osteon.clinic.annotation.schema.records import Label, LabelSchema, LabelScope, RegionKind, Rule, RuleKind, Scale
from osteon.core.errors import DataError
from osteon.core.labels import Code

LARGEST: Final = 1 << 20
"""Bytes that a file may have."""

_HINT: Final = "docs/annotation.md describes the file."

_NAME: Final = r"^[a-z][a-z0-9_]{0,63}$"

Name = Annotated[str, Field(pattern=_NAME)]
Title = Annotated[str, Field(min_length=1, max_length=120)]


class CodeContent(BaseModel):
    """A coded concept in a file."""

    model_config = ConfigDict(extra="forbid")

    value: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,16}$")]
    meaning: Annotated[str, Field(min_length=1, max_length=64)]
    scheme: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,16}$")] = "SCT"


class LabelContent(BaseModel):
    """A label in a file; ``kinds`` may be left out, which means boxes."""

    model_config = ConfigDict(extra="forbid")

    id: Name
    name: Title
    scope: LabelScope
    code: CodeContent | None = None
    kinds: list[RegionKind] | None = Field(None, min_length=1, max_length=len(RegionKind))
    hotkey: Annotated[str, Field(pattern=r"^[a-z0-9]?$")] = ""
    aliases: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(default_factory=list, max_length=50)
    children: list[LabelContent] = Field(default_factory=lambda: list[LabelContent](), max_length=200)
    selectable: bool = True


class RuleContent(BaseModel):
    """A rule in a file."""

    model_config = ConfigDict(extra="forbid")

    kind: RuleKind
    label: Name | None = None
    labels: list[Name] = Field(min_length=1, max_length=200)
    scale: Scale = Scale.NOMINAL


class SchemaContent(BaseModel):
    """A label schema in a file."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    title: Title
    about: Annotated[str, Field(max_length=2000)] = ""
    labels: list[LabelContent] = Field(min_length=1, max_length=200)
    rules: list[RuleContent] = Field(default_factory=lambda: list[RuleContent](), max_length=200)


@dataclass(frozen=True, slots=True)
class FileFault:
    """Something wrong in the file of a label schema.

    Attributes:
        line: from 1; None where it is unknown.
        field: where in the tree, as ``labels.1.children.0.kinds``, numbered from 0; empty for the whole.
        error: what is wrong.
    """

    line: int | None
    field: str
    error: DataError

    def __str__(self) -> str:
        """Line, field and what is wrong."""
        where = [*([] if self.line is None else [f"line {self.line}"]), *([self.field] if self.field else [])]
        return f"{', '.join(where)}: {self.error}" if where else str(self.error)


def read_schema(path: Path) -> LabelSchema:
    """The label schema of a file.

    Raises:
        DataError: it cannot be read, is neither YAML nor JSON, or is no label schema; with line and field of the first fault.
    """
    return parse_text(_data(path))


def parse_text(data: bytes) -> LabelSchema:
    """A label schema of the text of a file: JSON where it begins with a brace, else YAML.

    Raises:
        DataError: it is none; with line and field of the first fault, and the number of others.
    """
    content, lines = _loaded(data)
    found = _text_faults(content, lines)
    if found:
        first, error = found[0], found[0].error
        where = str(first).removesuffix(str(error)) + error.problem
        more = f" ({len(found) - 1} more: osteon annotate schema check lists them)" if len(found) > 1 else ""
        raise DataError(where + more, expected=error.expected, got=error.got, hint=error.hint)
    return parse(content)


def check_file(path: Path) -> list[FileFault]:
    """Everything that is wrong in the file of a label schema, in the order of its lines; empty where it is valid.

    Raises:
        DataError: it cannot be read, or is neither YAML nor JSON.
    """
    return check_text(_data(path))


def check_text(data: bytes) -> list[FileFault]:
    """Likewise of the text of a file.

    Raises:
        DataError: it is neither YAML nor JSON.
    """
    return _text_faults(*_loaded(data))


def content_of(data: bytes) -> dict[str, Any]:
    """What the text of a valid file says, as values of JSON that ``parse`` takes."""
    return SchemaContent.model_validate(_loaded(data)[0]).model_dump(mode="json", exclude_none=True)


def _data(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError("the label schema cannot be read", got=error.strerror or type(error).__name__) from error


def _loaded(data: bytes) -> tuple[object, Lines]:
    """What the text of a file says, and its lines."""
    if len(data) > LARGEST:
        raise DataError("the label schema is too large", expected=f"at most {LARGEST} bytes", got=f"{len(data)}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError("the label schema is no text", expected="YAML or JSON in UTF-8") from error
    return (_json(text) if text.lstrip().startswith("{") else _yaml(text)), Lines(text)


def _text_faults(content: object, lines: Lines) -> list[FileFault]:
    found = [
        FileFault(line, _field(place), DataError("a key is there twice", expected="each once"))
        for place, line in lines.twice()
    ]
    found += [FileFault(lines.of(fault.place), _field(fault.place), fault.error) for fault in _faults(content)]
    return sorted(found, key=lambda fault: fault.line or 0)


def _field(place: Place) -> str:
    return ".".join(map(str, place))


def _faults(content: object) -> Iterator[SchemaFault]:
    """All faults of form; where there are none, those of what it says."""
    if not isinstance(content, Mapping):
        yield SchemaFault((), _no_object(content))
        return
    try:
        found = SchemaContent.model_validate(content)
    except ValidationError as error:
        for item in error.errors(include_input=False, include_url=False):
            yield SchemaFault(tuple(item["loc"]), _fault(item))
        return
    except RecursionError:
        yield SchemaFault((), DataError("this is no label schema", expected="a tree of a few levels"))
        return
    yield from faults(_schema(found))


def parse(content: object) -> LabelSchema:
    """A label schema of values of JSON.

    Raises:
        DataError: it is none; where and why.
    """
    if not isinstance(content, Mapping):
        raise _no_object(content)
    try:
        found = SchemaContent.model_validate(content)
    except ValidationError as error:
        raise invalid("label schema", error, _HINT) from error
    except RecursionError as error:
        raise DataError("this is no label schema", expected="a tree of a few levels") from error
    schema = _schema(found)
    check(schema)
    return schema


def _fault(item: ErrorDetails) -> DataError:
    """A fault of form, in the words of the file."""
    if item["type"] == "missing":
        return DataError("this key is missing", hint=_HINT)
    if item["type"] == "extra_forbidden":
        return DataError("there is no such key here", hint=_HINT)
    if item["type"] == "string_pattern_mismatch" and item.get("ctx", {}).get("pattern") == _NAME:
        return DataError("this is no identifier", expected="lower case letters, digits and _, a letter first")
    return DataError(f"{item['msg'][0].lower()}{item['msg'][1:]}", hint=_HINT)


def _no_object(content: object) -> DataError:
    return DataError(
        "this is no label schema", expected="an object with name, title and labels", got=type(content).__name__
    )


def _schema(found: SchemaContent) -> LabelSchema:
    return LabelSchema(
        found.name,
        found.title,
        tuple(_label(item) for item in found.labels),
        tuple(Rule(rule.kind, tuple(rule.labels), rule.label or "", rule.scale) for rule in found.rules),
        found.about,
    )


def _label(content: LabelContent) -> Label:
    default = (RegionKind.BOX,) if content.scope is LabelScope.REGION else ()
    return Label(
        content.id,
        content.name,
        content.scope,
        None if content.code is None else Code(content.code.value, content.code.meaning, content.code.scheme),
        default if content.kinds is None else tuple(dict.fromkeys(content.kinds)),
        content.hotkey,
        tuple(content.aliases),
        tuple(_label(child) for child in content.children),
        content.selectable,
    )


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        raise DataError("the label schema is not valid JSON", got=where) from error


def _yaml(text: str) -> Any:
    try:
        import yaml
    except ModuleNotFoundError as error:
        raise DataError("a label schema in YAML needs PyYAML", hint="Install osteon[serve], or write JSON.") from error
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: {getattr(error, 'problem', '')}" if mark is not None else type(error).__name__
        raise DataError("the label schema is not valid YAML", got=where) from error
