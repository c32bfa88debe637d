"""Where settings come from: flags win over the environment, that over a TOML file, and that over what is built in."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError

from osteon.clinic.settings import Settings
from osteon.core.errors import OsteonError

PREFIX: Final = "OSTEON_SERVE_"
"""Settings in the environment begin with this; a nested one is ``OSTEON_SERVE_OIDC_ISSUER``."""

CONFIG: Final = f"{PREFIX}CONFIG"
"""The TOML file, where no flag names one."""


def load_settings(
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
    further: Mapping[str, str] | None = None,
) -> Settings:
    """Put the settings together.

    Args:
        flags: by name of the field; what is None was not given.
        environment: of the process.
        file: a TOML file with the names of the fields as keys.
        further: of ``--set``, by the names of the TOML file with dots; it stands above the environment.

    Raises:
        OsteonError: the file cannot be read, a key is unknown, or a value is not what it should be.
    """
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    variables = dict(environment or {})
    named = variables.pop(CONFIG, "")
    if file is None and named:
        file = Path(named)
    table = {} if file is None else _table(file)
    known = places()
    below = _merged(table, _placed(_named(variables, known), known))
    merged = _merged(_merged(below, _placed(_set(further or {}, known), known)), given)
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        told = first["msg"].removeprefix("Value error, ")
        if not place:
            raise OsteonError(told) from error
        raise OsteonError(f"the setting {place} is not right", got=told[:1].lower() + told[1:]) from error


def places(model: type[BaseModel] = Settings, above: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
    """The names of all settings in the environment, with the way to each in the model."""
    found: dict[str, tuple[str, ...]] = {}
    for name, field in model.model_fields.items():
        inner = nested(field.annotation)
        if inner is None:
            found[PREFIX + "_".join((*above, name)).upper()] = (*above, name)
        else:
            found |= places(inner, (*above, name))
    return found


def nested(annotation: Any) -> type[BaseModel] | None:
    """The model that a field holds, if it holds one."""
    options = get_args(annotation) if get_origin(annotation) is UnionType else (annotation,)
    return next((one for one in options if isinstance(one, type) and issubclass(one, BaseModel)), None)


def _table(file: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise OsteonError(f"{file} cannot be read", got=error.strerror or str(error)) from error
    except ValueError as error:
        raise OsteonError(f"{file} is not TOML", got=str(error)) from error
    _check_keys(table, Settings, file, ())
    return table


def _check_keys(table: Mapping[str, Any], model: type[BaseModel], file: Path, above: tuple[str, ...]) -> None:
    """Refuse keys that no setting has: a mistyped limit that is silently not applied would be worse."""
    for key, value in table.items():
        if key not in model.model_fields:
            raise _unknown(".".join((*above, key)), f" in {file}", key, model.model_fields)
        inner = nested(model.model_fields[key].annotation)
        if inner is not None and isinstance(value, dict):
            _check_keys(value, inner, file, (*above, key))


def _named(variables: Mapping[str, str], known: Mapping[str, object]) -> dict[str, str]:
    """Those variables of the environment that are settings."""
    found = {variable: text for variable, text in variables.items() if variable.startswith(PREFIX)}
    for variable in found:
        if variable not in known:
            raise _unknown(variable, " in the environment", variable, [*known, CONFIG])
    return found


def _set(further: Mapping[str, str], known: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """What ``--set`` sets, by the names that the environment has for it."""
    found: dict[str, str] = {}
    for name, text in further.items():
        variable = PREFIX + name.replace(".", "_").upper()
        if variable not in known:
            raise _unknown(name, ", which --set names", name, [".".join(place) for place in known.values()])
        found[variable] = text
    return found


def _placed(variables: Mapping[str, str], known: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Variables as a table."""
    found: dict[str, Any] = {}
    for variable, text in variables.items():
        *above, name = known[variable]
        inside = found
        for step in above:
            inside = inside.setdefault(step, {})
        inside[name] = _parsed(text, known[variable])
    return found


def _parsed(text: str, place: tuple[str, ...]) -> object:
    """Lists stand with commas between their items, tables as ``key=value`` with commas between; the rest as it is."""
    model: type[BaseModel] = Settings
    for step in place[:-1]:
        model = nested(model.model_fields[step].annotation) or model
    kind = get_origin(model.model_fields[place[-1]].annotation)
    items = [item.strip() for item in text.split(",") if item.strip()]
    if kind is tuple:
        return items
    if kind is dict:
        return {key.strip(): value.strip() for key, _, value in (item.rpartition("=") for item in items)}
    return text


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two tables as one; where both hold a value the second counts."""
    merged = dict(below)
    for key, value in above.items():
        held = merged.get(key)
        both = isinstance(held, dict) and isinstance(value, dict)
        merged[key] = _merged(held, value) if both else value  # pyright: ignore[reportArgumentType] - `both` says so
    return merged


def _unknown(shown: str, where: str, key: str, known: Iterable[str]) -> OsteonError:
    near = get_close_matches(key, list(known), n=1)
    return OsteonError(
        f"there is no setting {shown}{where}", hint=f"Did you mean {near[0]}?" if near else "See docs/serving.md."
    )
