"""Promotion by evidence: the comparison that is kept with a candidate, what it must show, and who overrides that."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from osteon.bundle.archive import Bundle, open_bundle
from osteon.bundle.promotion.gate import NOTHING, Check, judge
from osteon.bundle.promotion.record import Comparison, parse_comparison
from osteon.clinic.settings import Settings
from osteon.clinic.store.registry import registry
from osteon.clinic.store.registry.kept import evidence_path
from osteon.clinic.store.tables.registry import Registration, RegistryEvent
from osteon.core.errors import DataError
from osteon.core.wording.promotion import check_words


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is kept with a candidate.

    Attributes:
        digest: SHA-256 of the file.
        comparison: that it holds.
    """

    digest: str
    comparison: Comparison


def evidence_of(session: Session, store: Path, row: Registration) -> Evidence | None:
    """The latest comparison that is kept with a bundle; other files of evidence are for people."""
    for event in reversed(registry.history(session, row.digest)):
        found = None if event.evidence is None else read_comparison(store, event.evidence)
        if found is not None and event.evidence is not None:
            return Evidence(event.evidence, found)
    return None


def read_comparison(store: Path, digest: str) -> Comparison | None:
    """The comparison in a file of evidence; None where it is another file, was altered, or is not there."""
    path = evidence_path(store, digest)
    try:
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != digest or content[:1] != b"{":
            return None
        return parse_comparison(content, path.name)
    except (OSError, DataError):
        return None


def settings_bundle(settings: Settings, name: str) -> Bundle:
    """The bundle of the settings that reads where none of a name is live in the registry."""
    every = [open_bundle(one) for one in (settings.bundle, *settings.further_bundles)]
    return next((one for one in every if one.manifest.name == name), every[0])


def checks_of(
    session: Session,
    store: Path,
    row: Registration,
    candidate: Bundle,
    settings: Bundle,
    given: Comparison | None = None,
) -> tuple[Check, ...]:
    """What a promotion of a bundle requires, and whether it holds.

    Args:
        session: of the database.
        store: folder of the store.
        row: of the registry.
        candidate: its bundle.
        settings: bundle of the settings, which reads where none of the registry is live.
        given: a comparison that is kept only now; None takes the latest that is kept.

    Returns:
        Nothing where the bundle reads already, as that of the settings: then nothing changes.
    """
    live = registry.live(session, row.name)
    if live is None and settings.digest == row.digest:
        return ()
    kept = evidence_of(session, store, row) if given is None else None
    found = given or (None if kept is None else kept.comparison)
    if found is None:
        return NOTHING
    return judge(found, candidate, settings.digest if live is None else live.digest)


def promote(
    session: Session, row: Registration, decision: registry.Decision, checks: tuple[Check, ...], override: str | None
) -> Registration | None:
    """Let a bundle read from now on, if all that is required holds or somebody overrides it with a reason.

    Returns:
        The bundle that it replaces, see ``osteon.clinic.store.registry.registry.promote``.

    Raises:
        RegistryError: something does not hold, or the bundle is live already.
    """
    failed = [one for one in checks if not one.passed]
    if failed and not (override or "").strip():
        words = "; ".join(check_words(one.code, one.values, passed=False) for one in failed[:4])
        raise registry.RegistryError(
            f"{row.identity} may not be promoted: {len(failed)} of {len(checks)} requirements do not hold",
            expected="a comparison of `osteon improve` that shows what its plan says",
            got=words,
            hint="osteon registry show says all of them. Who promotes it nevertheless writes down why: --override.",
        )
    before = registry.promote(session, row, decision)
    event = registry.history(session, row.digest)[-1]
    event.checks = [one.model_dump(mode="json") for one in checks] or None
    event.override = (override or "").strip()[:2000] or None if failed else None
    session.flush()
    return before


def kept_checks(event: RegistryEvent) -> tuple[Check, ...]:
    """What a promotion rested on."""
    return tuple(Check.model_validate(one) for one in event.checks or ())
