"""Loads the settings: command-line options win over ``--set``, that over the environment, that over a TOML file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource, TomlConfigSettingsSource

from osteon.clinic.settings import PREFIX, Settings
from osteon.core.errors import OsteonError

CONFIG: Final = f"{PREFIX}CONFIG"
"""The variable that names the TOML file, where no option does."""


def load_settings(
    options: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
    assignments: Mapping[str, str] | None = None,
) -> Settings:
    """Load the settings from all their sources.

    Args:
        options: of the command line, by name of the setting; None where one is not given.
        environment: of the process.
        file: a TOML file with the names of the settings as keys.
        assignments: of ``--set``, by the names of the TOML file, nested ones with dots.

    Raises:
        OsteonError: the file cannot be read, a setting is unknown, or a value is not valid.
    """
    variables = {name: value for name, value in (environment or {}).items() if name.startswith(PREFIX)}
    named = variables.pop(CONFIG, "")
    if file is None and named:
        file = Path(named)
    merged: dict[str, Any] = {}
    for source in (
        {} if file is None else _from_file(file),
        _from_variables(variables),
        _from_assignments(assignments or {}),
        {name: value for name, value in (options or {}).items() if value is not None},
    ):
        merged = _merged(merged, source)
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        name = ".".join(str(step) for step in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        if not name:
            raise OsteonError(message) from error
        raise OsteonError(f"the setting {name} is not valid", got=message[:1].lower() + message[1:]) from error


def fields(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """All settings by name; those of a nested record have dots in theirs, e.g. ``oidc.issuer``."""
    for name, field in model.model_fields.items():
        inner = _nested(field)
        if inner is None:
            yield prefix + name, field
        else:
            yield from fields(inner, f"{prefix}{name}.")


def variable(name: str) -> str:
    """The variable of the environment for a setting, e.g. ``OSTEON_SERVE_OIDC_ISSUER`` for ``oidc.issuer``."""
    return PREFIX + name.replace(".", "_").upper()


def _nested(field: FieldInfo) -> type[BaseModel] | None:
    """The record that a field holds, if it holds one."""
    annotation = field.annotation
    options = get_args(annotation) if get_origin(annotation) is UnionType else (annotation,)
    return next((option for option in options if isinstance(option, type) and issubclass(option, BaseModel)), None)


def _from_file(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb"):  # the source takes a missing file for an empty one
            values = TomlConfigSettingsSource(Settings, file)()
    except OSError as error:
        raise OsteonError(f"{file} cannot be read", got=error.strerror or str(error)) from error
    except ValueError as error:
        raise OsteonError(f"{file} is not TOML", got=str(error)) from error
    _require_known(_names(values), [name for name, _ in fields()], f" in {file}")
    return values


def _from_variables(variables: Mapping[str, str]) -> dict[str, Any]:
    _require_known(variables, [*(variable(name) for name, _ in fields()), CONFIG], " in the environment")
    source = EnvSettingsSource(Settings)
    source.env_vars = {name.lower(): value for name, value in variables.items()}
    return source()


def _from_assignments(assignments: Mapping[str, str]) -> dict[str, Any]:
    _require_known(assignments, [name for name, _ in fields()], " for --set")
    return _from_variables({variable(name): value for name, value in assignments.items()})


def _names(values: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """The names of settings that a table holds; what a setting itself holds, as the groups of ``oidc.roles``, has none."""
    known = {name for name, _ in fields()}
    for key, value in values.items():
        name = prefix + key
        if isinstance(value, dict) and name not in known:
            yield from _names(value, f"{name}.")  # pyright: ignore[reportUnknownArgumentType]
        else:
            yield name


def _require_known(names: Iterable[str], known: list[str], where: str) -> None:
    """Refuse names that no setting has: a mistyped limit that is silently not applied would be worse."""
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else "See docs/serving.md."
            raise OsteonError(f"there is no setting {name}{where}", hint=hint)


def _merged(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """Two sources as one; where both hold a value the second wins."""
    merged = dict(lower)
    for key, value in upper.items():
        held = merged.get(key)
        both = isinstance(held, dict) and isinstance(value, dict)
        merged[key] = _merged(held, value) if both else value  # pyright: ignore[reportArgumentType] - `both` says so
    return merged
