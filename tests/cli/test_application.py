"""The program builds the one command that is asked for, as it is among all."""

from __future__ import annotations

import typer
from tests.command import osteon

from osteon.cli import COMMANDS, application


def _commands(app: typer.Typer) -> dict[str, object]:
    """By name what a command can be told, with its subcommands."""

    def described(command: object) -> object:
        below = getattr(command, "commands", {})
        return ([param.name for param in command.params], {name: described(one) for name, one in below.items()})  # pyright: ignore[reportAttributeAccessIssue]

    return {name: described(one) for name, one in typer.main.get_command(app).commands.items()}  # pyright: ignore[reportAttributeAccessIssue]


def test_one_command_is_as_among_all() -> None:
    whole = _commands(application())
    names = [module.__name__.rpartition(".")[2] for module in COMMANDS]
    assert set(whole) == set(names)
    for name in names:
        assert _commands(application(name)) == {name: whole[name]}
    for none in ("", "--help", "redd"):
        assert set(_commands(application(none))) == set(names)


def test_help_lists_all_and_a_wrong_name_is_answered_with_a_like_one() -> None:
    done = osteon("--help", columns=200)
    assert done.returncode == 0
    assert all(name in done.stdout for name in _commands(application()))
    wrong = osteon("raed", columns=200)
    assert wrong.returncode == 2
    assert "read" in wrong.stderr
