"""Values that no database holds: refused before they reach one, on every kind of database alike.

PostgreSQL takes no U+0000 in a text, and each takes numbers of a certain size only; what SQLite's driver says of that is no
error of a database at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DataError

from osteon.core.errors import OsteonError

_LARGEST: Final = 2**63 - 1


class RefusedError(OsteonError):
    """A value of a request that cannot be used."""


def guard(engine: Engine) -> None:
    """Let an engine refuse what its database would not take, or would take and another would not.

    Raises:
        RefusedError: by the statements of the engine, from then on.
    """

    @event.listens_for(engine, "before_cursor_execute")
    def _look(
        _connection: Any, _cursor: Any, _statement: str, parameters: Any, _context: Any, executemany: bool
    ) -> None:
        for group in parameters if executemany else (parameters,):
            values: Iterable[Any] = group.values() if isinstance(group, Mapping) else group or ()
            for value in values:
                _check(value)

    @event.listens_for(engine, "handle_error")
    def _translate(context: ExceptionContext) -> None:
        error = context.sqlalchemy_exception or context.original_exception
        if isinstance(error, (DataError, OverflowError, UnicodeEncodeError)):
            raise _refused("a number or text that is neither too large nor too long") from error

    del _look, _translate


def _check(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise _refused("text without the character U+0000")
        if not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
            raise _refused("text of whole characters")
    elif isinstance(value, int) and not -_LARGEST <= value <= _LARGEST:
        raise _refused("a number of at most 64 bits")


def _refused(expected: str) -> RefusedError:
    return RefusedError("a value cannot be used", expected=expected)
