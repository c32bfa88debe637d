"""Ten studies from the first box to a detector: a minute without a connection, one reader by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.annotating import (
    NAME,
    Shoot,
    Spines,
    Visit,
    adjudicate,
    all_done,
    begin,
    by_mouse,
    f1_of,
    filled,
    proceed,
    read_by_keyboard,
    visiting,
)
from typer.testing import CliRunner

pytestmark = [
    pytest.mark.browser,
    pytest.mark.learn,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # Lightning, of its own making
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

STUDIES = 10
MINUTE = 60.0


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the room, which commands open, too."""
    return tmp_path_factory.mktemp("annotated") / "store"


@pytest.fixture(scope="module")
def spines(shown_bundle: Path, store: Path) -> Iterator[Spines]:
    """Ten studies."""
    with filled(store.parent, shown_bundle, STUDIES, store) as found:
        yield found


@pytest.fixture
def visit(browser: Browser, spines: Spines) -> Iterator[Visit]:
    """Opens tabs."""
    with visiting(browser, spines) as open_tab:
        yield open_tab


def test_ten_studies_become_a_detector(
    visit: Visit, spines: Spines, store: Path, shoot: Shoot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch", reason="needs osteon[learn]")
    from osteon.cli import application

    project = begin(visit, spines, shoot)
    ana = visit("ana")
    page = proceed(ana)
    for number in range(STUDIES):
        ana.ready()
        by_mouse(ana, offline=MINUTE if number == STUDIES // 2 else None)
        before = page.url
        page.get_by_role("button", name="Finish").click()
        expect(page).not_to_have_url(before)
    all_done(page)
    read_by_keyboard(visit, STUDIES)
    assert f1_of(spines, project) == pytest.approx(2 / 3)
    adjudicate(visit, STUDIES)

    def call(*arguments: str) -> None:
        done = CliRunner().invoke(application(arguments[0]), arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output

    out = tmp_path / "snapshot"
    call("annotate", "snapshot", NAME, "--out", str(out), "--set", f"store={store}")
    torch.set_num_threads(1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    labels = ("--set", "task.labels=osteophytes", "--set", "task.positive=osteophytes")
    call(
        "train", "fracatlas/detector", "--data", str(out), "--budget", "trial", *labels, "--out", str(tmp_path / "run")
    )
    assert (tmp_path / "run" / "split.json").is_file()
