"""A start reads the options of the command that was asked for, and of all where none is."""

from __future__ import annotations

import typer.main
from tests.command import osteon

from osteon.cli import _leave_out_others, application


def names() -> set[str]:
    """Of all commands and groups."""
    return set(typer.main.get_command(application()).commands)  # pyright: ignore[reportAttributeAccessIssue] - a group


def test_every_command_is_found_by_its_name() -> None:
    every = names()
    assert {"read", "data", "bundle", "annotate", "export"} <= every
    for name in every:
        app = application()
        _leave_out_others(app, ["--verbose", name, "read"])
        assert set(typer.main.get_command(app).commands) == {name}  # pyright: ignore[reportAttributeAccessIssue]
    for words in (["--help"], [], ["no-such"], ["no-such", "read"]):
        app = application()
        _leave_out_others(app, words)
        assert set(typer.main.get_command(app).commands) == every  # pyright: ignore[reportAttributeAccessIssue]


def test_help_lists_all_and_a_wrong_name_is_answered_with_a_like_one() -> None:
    done = osteon("--help", columns=200)
    assert done.returncode == 0
    assert all(name in done.stdout for name in names())
    wrong = osteon("raed", columns=200)
    assert wrong.returncode == 2
    assert "read" in wrong.stderr
