"""``osteon search``: names, settings and ranges are checked before anything is simulated or trained."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

pytest.importorskip("torch", reason="needs osteon[learn]")
pytest.importorskip("optuna", reason="needs osteon[search]")

from osteon.cli import application
from osteon.core.errors import OsteonError, RecipeError, StoreError

pytestmark = pytest.mark.learn


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def search(*arguments: str) -> Result:
    return CliRunner().invoke(application("search"), ["search", *arguments], catch_exceptions=False)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (["mobilenet"], RecipeError, r"no recipe 'mobilenet'"),
        (["mobilenet_elbow", "--space", "optimizer.speed=1,2"], RecipeError, r"no setting 'optimizer.speed'"),
        (["mobilenet_elbow", "--space", "optimizer.lr=log:1:0"], RecipeError, "is empty"),
        (["mobilenet_elbow", "--set", "optimizer.lr=fast"], RecipeError, "wrong type"),
        (["mobilenet_elbow", "--set", "loss.l2=0.1", "--space", "loss.l2=1,2"], RecipeError, "both set and searched"),
        (["vindr_spinexr/ensemble"], RecipeError, "is not trained by itself"),
        (["mobilenet_elbow", "--storage", "host/searches"], StoreError, "not a URL"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_made(
    arguments: list[str], error: type[OsteonError], words: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=words):
        search(*arguments)
    assert not list(tmp_path.iterdir())


def test_without_the_extra_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from osteon.cli import search as command

    monkeypatch.setattr(command, "find_spec", lambda _name: None)
    with pytest.raises(OsteonError, match=r"pip install 'osteon\[search\]'"):
        search("mobilenet_elbow")


def test_help_has_examples() -> None:
    assert "--space" in search("--help").output
    assert "osteon search mobilenet_elbow" in search("--help").output
