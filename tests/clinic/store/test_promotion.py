"""Promotion by evidence: what refuses, who overrides, what is kept; and the way back."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest
from tests.bundle.promotion.comparisons import comparison_of, planned

from osteon.bundle.archive import Bundle, open_bundle, write_bundle
from osteon.bundle.promotion.gate import CheckCode
from osteon.bundle.promotion.plan import PLAN
from osteon.clinic.store.database import Database
from osteon.clinic.store.registry import promotion, registry
from osteon.clinic.store.registry.kept import keep_bundle, keep_evidence
from osteon.clinic.store.registry.registry import Decision, RegistryError

WHY = Decision("ann", "as planned")


@pytest.fixture(scope="module")
def files(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """The bundle of the settings, a candidate that was made to replace it, and one that nobody compared."""
    folder = tmp_path_factory.mktemp("bundles")
    live = blobs.make(folder / "live.osteon", blobs.both())
    later = blobs.make(folder / "plain.osteon", blobs.both().model_copy(update={"version": "1.1.0"}))
    other = blobs.make(folder / "other.osteon", blobs.both().model_copy(update={"version": "1.2.0"}))
    plan, plain = planned(open_bundle(live)), open_bundle(later)
    write_bundle(folder / "candidate.osteon", plain.manifest, {**plain.parts, PLAN: plan.content()})
    return live, folder / "candidate.osteon", other


def kept(store: Path, files: tuple[Path, Path, Path]) -> tuple[Bundle, Bundle, Bundle]:
    found = [keep_bundle(store, file) for file in files]
    return found[0], found[1], found[2]


def evidence(store: Path, live: Bundle, candidate: Bundle, **changes: object) -> str:
    path = store / "comparison.json"
    path.write_text(comparison_of(live, candidate).model_copy(update=changes).model_dump_json())
    return keep_evidence(store, path)


def test_a_comparison_that_holds_promotes_and_stays_with_the_entry(
    database: Database, files: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    live, candidate, _ = kept(tmp_path, files)
    digest = evidence(tmp_path, live, candidate)
    with database.session() as session:
        row = registry.register(session, candidate, Decision("ann", "improved", digest, "comparison.json"))
        found = promotion.evidence_of(session, tmp_path, row)
        assert found is not None
        assert found.comparison.candidate_digest == candidate.digest
        checks = promotion.checks_of(session, tmp_path, row, candidate, live)
        assert promotion.promote(session, row, WHY, checks, None) is None
    with database.session() as session:
        event = registry.history(session, candidate.digest)[-1]
        assert event.override is None
        assert promotion.kept_checks(event) == checks
        assert registry.rollback(session, row.name, WHY) is None  # the bundle of the settings reads again


def test_what_does_not_hold_is_refused_unless_a_person_says_why(
    database: Database, files: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    live, candidate, _ = kept(tmp_path, files)
    digest = evidence(tmp_path, live, candidate, same_task=False)
    with database.session() as session:
        row = registry.register(session, candidate, Decision("ann", "improved", digest, "comparison.json"))
        checks = promotion.checks_of(session, tmp_path, row, candidate, live)
        for words in (None, "", "  "):
            with pytest.raises(RegistryError):
                promotion.promote(session, row, WHY, checks, words)
        assert registry.live(session, row.name) is None
        promotion.promote(session, row, WHY, checks, "the boxes are not used here")
    with database.session() as session:
        event = registry.history(session, candidate.digest)[-1]
        assert event.override == "the boxes are not used here"
        assert [one.code for one in promotion.kept_checks(event) if not one.passed] == [CheckCode.SAME_TASK]


def test_a_bundle_that_nobody_compared_does_not_read(
    database: Database, files: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    live, candidate, other = kept(tmp_path, files)
    note = tmp_path / "note.txt"
    note.write_text("it looks good")
    with database.session() as session:
        row = registry.register(session, other, Decision("ann", "new", keep_evidence(tmp_path, note), "note.txt"))
        checks = promotion.checks_of(session, tmp_path, row, other, live)
        assert [one.code for one in checks] == [CheckCode.NO_COMPARISON]
        # Nor does the comparison of another bundle help, nor one with another live bundle.
        given = comparison_of(live, candidate)
        failed = {one.code for one in promotion.checks_of(session, tmp_path, row, other, live, given) if not one.passed}
        assert CheckCode.OTHER_CANDIDATE in failed
        promotion.promote(session, row, WHY, checks, "for a test")
        mine = registry.register(session, candidate, WHY)
        failed = {
            one.code for one in promotion.checks_of(session, tmp_path, mine, candidate, live, given) if not one.passed
        }
        assert failed == {CheckCode.OTHER_LIVE}


def test_the_bundle_of_the_settings_may_be_made_live_as_it_is(
    database: Database, files: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    live, _, _ = kept(tmp_path, files)
    with database.session() as session:
        row = registry.register(session, live, WHY)
        assert promotion.checks_of(session, tmp_path, row, live, live) == ()
        promotion.promote(session, row, WHY, (), None)
        assert registry.live(session, row.name) is row


def test_evidence_that_was_altered_is_no_evidence(
    database: Database, files: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    live, candidate, _ = kept(tmp_path, files)
    digest = evidence(tmp_path, live, candidate, same_task=False)
    with database.session() as session:
        row = registry.register(session, candidate, Decision("ann", "improved", digest, "comparison.json"))
        path = tmp_path / "registry" / f"{digest}.evidence"
        content = json.loads(path.read_text())
        path.write_text(json.dumps(content | {"same_task": True}))
        assert promotion.evidence_of(session, tmp_path, row) is None
