"""``osteon reproduce fracatlas``: its commands are ones that there are, and what is made is not made again."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.bundle.archive import open_bundle
from osteon.bundle.catalogue import locate
from osteon.cli import application, shipped
from osteon.core.errors import OsteonError
from osteon.learning.recipes import find

pytestmark = pytest.mark.learn


@pytest.mark.parametrize("small", [True, False])
def test_every_step_is_a_command_whose_inputs_are_made_before(tmp_path: Path, *, small: bool) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "split.json").write_text("{}")
    group = get_command(application())
    found = shipped.steps(tmp_path / "data", tmp_path, "9.9.9", small=small, ledger=tmp_path / "ledger.jsonl")
    assert len(found) == (6 if small else 7)
    for step in found:
        command, arguments = group, list(step.arguments)
        while hasattr(command, "get_command"):
            context = command.make_context("osteon", [arguments[0], "--help"], resilient_parsing=True)
            command = command.get_command(context, arguments.pop(0))
        command.make_context(step.arguments[0], arguments)  # refuses unknown options, and folders that are not there
        assert str(step.made.parent) in step.command
        step.made.parent.mkdir(parents=True, exist_ok=True)
        step.made.touch()
    assert find(shipped.DETECTOR).split == find(shipped.CLASSIFIER).split


def test_without_data_it_says_how_to_get_them() -> None:
    with pytest.raises(OsteonError, match="osteon data fetch fracatlas"):
        CliRunner().invoke(application("reproduce"), ["reproduce", "fracatlas"], catch_exceptions=False)


def test_what_is_made_is_not_made_again(tmp_path: Path) -> None:
    data = tmp_path / "FracAtlas"
    data.mkdir()
    made = shipped.steps(data, tmp_path, open_bundle("fracatlas").manifest.version, small=True, ledger=None)
    for step in made:
        step.made.parent.mkdir(parents=True, exist_ok=True)
        step.made.write_bytes(locate("fracatlas").read_bytes())
    arguments = ["reproduce", "fracatlas", "--data", str(data), "--out", str(tmp_path)]
    done = CliRunner().invoke(application("reproduce"), arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert done.output.count("done before") == len(made)
    assert open_bundle("fracatlas").manifest.identity in done.output
    assert (tmp_path / "split.json").read_bytes() == open_bundle("fracatlas").parts["split.json"]
