"""Stages of bundles, changed in one transaction each: a process that ends at any moment leaves the one or the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from osteon.bundle.archive import Bundle
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.registry import BundleStage, Registration, RegistryEvent
from osteon.core.errors import StoreError


class RegistryError(StoreError):
    """A stage cannot be changed like this."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Why a stage is changed.

    Attributes:
        person: who changes it.
        reason: why, in words; never of a patient.
        evidence: SHA-256 of a kept file, see ``osteon.clinic.store.registry.kept``.
        evidence_name: how that file was called.
    """

    person: str
    reason: str
    evidence: str | None = None
    evidence_name: str | None = None

    def __post_init__(self) -> None:
        """Check that somebody says why.

        Raises:
            RegistryError: person or reason are empty.
        """
        if not self.person.strip() or not self.reason.strip():
            raise RegistryError("a stage is changed by somebody who says why", expected="a person and a reason")


def register(session: Session, bundle: Bundle, decision: Decision) -> Registration:
    """Add a bundle as a candidate; its file must be kept already. One that is there stays as it is.

    Raises:
        RegistryError: another bundle is registered under the same name and version.
    """
    known = session.get(Registration, bundle.digest)
    if known is not None:
        return known
    manifest = bundle.manifest
    same = session.scalars(select(Registration).where(Registration.identity == manifest.identity)).first()
    if same is not None:
        raise RegistryError(
            f"another bundle is registered as {manifest.identity}",
            expected=f"the bundle {same.digest[:12]}",
            got=bundle.digest[:12],
            hint="Readings name a version: give the new bundle another.",
        )
    row = Registration(
        digest=bundle.digest, name=manifest.name, identity=manifest.identity, stage=BundleStage.CANDIDATE, added=now()
    )
    session.add(row)
    session.flush()
    _write(session, row, "register", decision)
    return row


def find(session: Session, wanted: str) -> Registration:
    """The registration of an identity (``name@version``), a digest, or its first letters.

    Raises:
        RegistryError: there is none, or several.
    """
    rows = session.scalars(
        select(Registration).where(
            (Registration.identity == wanted) | Registration.digest.startswith(wanted, autoescape=True)
        )
    ).all()
    if len(rows) != 1 or not wanted:
        raise RegistryError(
            "the registry knows no such bundle" if not rows else "several bundles begin like this",
            expected="NAME@VERSION or the first letters of a digest",
            got=wanted[:80],
            hint="osteon registry list shows them.",
        )
    return rows[0]


def move(session: Session, row: Registration, stage: BundleStage, decision: Decision) -> None:
    """Make a bundle a candidate, read in shadow or retire it.

    Raises:
        RegistryError: it is live, or is to become so: that is what ``promote`` and ``rollback`` are for.
    """
    _lock(session, row.name)
    if BundleStage.LIVE in (stage, row.stage):
        raise RegistryError(
            f"{row.identity} is {row.stage}",
            expected="a bundle that is not live, and a stage other than live",
            hint="Use promote or rollback.",
        )
    row.stage = stage
    _write(session, row, "move", decision)


def promote(session: Session, row: Registration, decision: Decision) -> Registration | None:
    """Let a bundle read from now on, in place of the live one of its name.

    Returns:
        The one that it replaces, retired; None where none of the registry was live.

    Raises:
        RegistryError: it is live already.
    """
    _lock(session, row.name)
    if row.stage == BundleStage.LIVE:
        raise RegistryError(f"{row.identity} is live already")
    before = live(session, row.name)
    if before is not None:
        before.stage = BundleStage.RETIRED
    row.stage = BundleStage.LIVE
    _write(session, row, "promote", decision, None if before is None else before.digest)
    return before


def rollback(session: Session, name: str, decision: Decision) -> Registration | None:
    """Take the last promotion of a name back.

    Returns:
        The bundle that reads again; None where that is the one of the settings.

    Raises:
        RegistryError: nothing of this name is live.
    """
    _lock(session, name)
    row = live(session, name)
    if row is None:
        raise RegistryError(
            f"no bundle {name[:80]} of the registry is live",
            expected="the name of a live bundle",
            hint="osteon registry list shows them. The bundle of the settings reads.",
        )
    last = session.scalars(
        select(RegistryEvent)
        .where(RegistryEvent.digest == row.digest, RegistryEvent.action == "promote")
        .order_by(RegistryEvent.id.desc())
    ).first()
    before = None if last is None or last.replaced is None else session.get(Registration, last.replaced)
    row.stage = BundleStage.RETIRED
    _write(session, row, "rollback", decision)
    if before is not None:
        before.stage = BundleStage.LIVE
        _write(session, before, "rollback", decision)
    return before


def live(session: Session, name: str) -> Registration | None:
    """The live bundle of a name."""
    return session.scalars(
        select(Registration).where(Registration.name == name, Registration.stage == BundleStage.LIVE)
    ).one_or_none()


def of_stage(session: Session, stage: BundleStage) -> Sequence[Registration]:
    """All bundles of a stage, by name."""
    return session.scalars(
        select(Registration).where(Registration.stage == stage).order_by(Registration.name, Registration.added)
    ).all()


def listed(session: Session) -> Sequence[Registration]:
    """All bundles, by name and time."""
    return session.scalars(select(Registration).order_by(Registration.name, Registration.added)).all()


def history(session: Session, digest: str) -> Sequence[RegistryEvent]:
    """What was done with a bundle, the first first."""
    return session.scalars(select(RegistryEvent).where(RegistryEvent.digest == digest).order_by(RegistryEvent.id)).all()


def _lock(session: Session, name: str) -> None:
    """Let no other transaction change bundles of a name until this one ends; what was read before is read anew."""
    session.flush()
    session.execute(update(Registration).where(Registration.name == name).values(name=name))
    session.expire_all()


def _write(session: Session, row: Registration, action: str, decision: Decision, replaced: str | None = None) -> None:
    session.add(
        RegistryEvent(
            digest=row.digest,
            time=now(),
            person=decision.person[:80],
            action=action,
            stage=row.stage,
            replaced=replaced,
            reason=decision.reason[:2000],
            evidence=decision.evidence,
            evidence_name=None if decision.evidence_name is None else decision.evidence_name[:120],
        )
    )
    session.flush()
