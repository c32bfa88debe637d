"""Label schemas of files: YAML or JSON, which say the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from osteon.clinic.annotation.codec import invalid
from osteon.clinic.annotation.schema.check import check
from osteon.clinic.annotation.schema.records import Label, LabelSchema, LabelScope, RegionKind, Rule, RuleKind
from osteon.core.errors import DataError
from osteon.core.labels import Code

LARGEST: Final = 1 << 20
"""Bytes that a file may have."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
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


class SchemaContent(BaseModel):
    """A label schema in a file."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    title: Title
    about: Annotated[str, Field(max_length=2000)] = ""
    labels: list[LabelContent] = Field(min_length=1, max_length=200)
    rules: list[RuleContent] = Field(default_factory=lambda: list[RuleContent](), max_length=200)


def read_schema(path: Path) -> LabelSchema:
    """The label schema of a file.

    Raises:
        DataError: it cannot be read, is neither YAML nor JSON, or is no label schema.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError("the label schema cannot be read", got=error.strerror or type(error).__name__) from error
    return parse_text(data)


def parse_text(data: bytes) -> LabelSchema:
    """A label schema of the text of a file: JSON where it begins with a brace, else YAML.

    Raises:
        DataError: it is none.
    """
    if len(data) > LARGEST:
        raise DataError("the label schema is too large", expected=f"at most {LARGEST} bytes", got=f"{len(data)}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError("the label schema is no text", expected="YAML or JSON in UTF-8") from error
    content = _json(text) if text.lstrip().startswith("{") else _yaml(text)
    return parse(content)


def parse(content: object) -> LabelSchema:
    """A label schema of values of JSON.

    Raises:
        DataError: it is none; where and why.
    """
    if not isinstance(content, Mapping):
        raise DataError(
            "this is no label schema", expected="an object with name, title and labels", got=type(content).__name__
        )
    try:
        found = SchemaContent.model_validate(content)
    except ValidationError as error:
        raise invalid("label schema", error, "docs/annotation.md describes the file.") from error
    except RecursionError as error:
        raise DataError("this is no label schema", expected="a tree of a few levels") from error
    schema = LabelSchema(
        found.name,
        found.title,
        tuple(_label(item) for item in found.labels),
        tuple(Rule(rule.kind, tuple(rule.labels), rule.label or "") for rule in found.rules),
        found.about,
    )
    check(schema)
    return schema


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
