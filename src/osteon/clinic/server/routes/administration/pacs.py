"""The DICOM node: traffic, quarantine, deliveries, and whether others answer; for administrators."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from fastapi import Depends, Query, Request, Response

from osteon.clinic.dicom.node import UnknownPeerError
from osteon.clinic.dicom.settings import Dicom
from osteon.clinic.dicom.traffic import delivered, received
from osteon.clinic.events import TRAFFIC
from osteon.clinic.fleet.message import Call
from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, needs, note
from osteon.clinic.server.context import context
from osteon.clinic.server.problems import ProblemError, missing
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.dicom.pacs import (
    Changed,
    DeliveredObject,
    Deliveries,
    DeliveryChoice,
    DestinationTraffic,
    PeerAnswer,
    PeerCheck,
    PeerTraffic,
    Quarantine,
    Quarantined,
    ReportTraffic,
    Traffic,
    Way,
)
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.store import faults
from osteon.clinic.store.pacs import orders, reader_reports, receipts
from osteon.clinic.store.tables.pacs import ABOUT, Delivery, DeliveryState, Reason
from osteon.core.wording.checks import check_words

router: Final = api_router(prefix="/api/v1/pacs", tags=["pacs"])

Administrator = Annotated[Person, Depends(needs(Role.ADMINISTRATOR))]
Limit = Annotated[int, Query(ge=1, le=500)]
Before = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="The value of `before` in the page before.")]
_LARGEST: Final = 2**31 - 1


class DeliveryAction(StrEnum):
    """What is done with objects.

    Attributes:
        RESEND: they are sent now, also those that were delivered: the same bytes.
        HOLD: they are held back.
        RELEASE: those held back are sent.
    """

    RESEND = "resend"
    HOLD = "hold"
    RELEASE = "release"


_ACTIONS: Final = {
    DeliveryAction.RESEND: orders.resend,
    DeliveryAction.HOLD: orders.hold,
    DeliveryAction.RELEASE: orders.release,
}


@router.get("/traffic")
def get_traffic(request: Request, person: Administrator) -> Traffic:
    """What each peer has sent, and how far results have come to each destination."""
    del person
    here = context(request)
    node, settings = here.node, here.settings.dicom
    peers = [
        PeerTraffic(
            name=name,
            address=settings.peers[name].address if name in settings.peers else "",
            listens=name in settings.peers and settings.peers[name].listens,
            **counts,
        )
        for name, counts in received(here.database, node).items()
    ]
    with here.database.session() as session:
        oldest, problems, reports = orders.oldest(session), orders.problems(session), reader_reports.counted(session)
    destinations = [
        DestinationTraffic.model_validate(
            {
                "name": name,
                **{word.replace(" ", "_"): count for word, count in counts.items()},
                **_facts(settings, name),
                "oldest": oldest.get(name),
                "problem": str(faults.restore(problems[name])) if name in problems else "",
            }
        )
        for name, counts in delivered(here.database, node).items()
    ]
    listener = node.listener
    return Traffic(
        listening=listener is not None and listener.alive,
        aet=settings.aet,
        port=None if listener is None else listener.port,
        peers=peers,
        destinations=destinations,
        reports=ReportTraffic(pending=reports["pending"] + reports["to make"], made=reports["made"]),
    )


@router.post("/peers/{name}/test", responses=refusals(404))
def test_peer(request: Request, name: str, person: Administrator) -> PeerAnswer:
    """Try whether a destination, a webhook, or a peer that listens answers; it takes at most some seconds.

    A connection and TLS; then an association and C-ECHO, or a STOW-RS request without an object, or a notice that says that it
    is a test.
    """
    del person
    here = context(request)
    if name in here.settings.dicom.peers or name in here.node.senders:
        note(request, "test peer", name)  # and no other name, which may be anything
    try:
        outcome = here.node.test(name)
    except UnknownPeerError as error:
        raise ProblemError(404, "There is nobody of this name to call", f"Expected {error.expected}.") from error
    failed = outcome.failed
    here.metrics.exchanged("test" if failed is None else "test failed", name)
    return PeerAnswer(
        answers=failed is None,
        problem="" if failed is None else check_words(failed),
        seconds=round(outcome.seconds, 3),
        checks=[PeerCheck(step=check.step, cause=check.cause, detail=check.detail) for check in outcome.checks],
    )


@router.get("/quarantine")
def get_quarantine(
    request: Request,
    person: Administrator,
    peer: Annotated[str, Query(max_length=80)] = "",
    reason: Reason | None = None,
    limit: Limit = 100,
    before: Before = None,
) -> Quarantine:
    """Instances that are held back, with the reason, the newest first."""
    del person
    with context(request).database.session() as session:
        rows = receipts.held(session, limit, before, peer=peer, reason=reason)
        instances = [
            Quarantined(
                id=row.id,
                peer=row.peer,
                received=row.received,
                reason=Reason(row.reason),
                about=ABOUT[Reason(row.reason)],
                study_uid=row.uid,
                instance=row.instance,
            )
            for row in rows
        ]
    return Quarantine(instances=instances, before=instances[-1].id if len(instances) == limit else None)


@router.post("/quarantine/{instance}/release", status_code=204, responses=refusals(404))
def release_instance(request: Request, instance: int, person: Administrator) -> Response:
    """Read an instance that was held back: whatever the rules say, and apart from another patient's images.

    Other content under a SOPInstanceUID that is there is held back again, until that study is deleted.
    """
    del person
    context(request).node.collector.free(_let_go(request, instance))
    note(request, "release instance", str(instance))
    context(request).hub.publish(TRAFFIC)
    return Response(status_code=204)


@router.delete("/quarantine/{instance}", status_code=204, responses=refusals(404))
def delete_instance(request: Request, instance: int, person: Administrator) -> Response:
    """Delete an instance that was held back."""
    del person
    context(request).node.incoming.held(_let_go(request, instance)).unlink(missing_ok=True)
    note(request, "delete instance", str(instance))
    context(request).hub.publish(TRAFFIC)
    return Response(status_code=204)


@router.get("/deliveries")
def get_deliveries(
    request: Request,
    person: Administrator,
    destination: Annotated[str, Query(max_length=64)] = "",
    study: Annotated[str, Query(max_length=32)] = "",
    state: DeliveryState | None = None,
    output: Annotated[str, Query(max_length=32)] = "",
    limit: Limit = 100,
    before: Before = None,
) -> Deliveries:
    """Objects of the outbox, the newest first."""
    del person
    choice = orders.Choice((), study, destination, () if state is None else (state,), output)
    with context(request).database.session() as session:
        objects = [_object(row) for row in orders.page(session, choice, limit, before)]
    return Deliveries(objects=objects, before=objects[-1].id if len(objects) == limit else None)


@router.post("/deliveries/{action}", responses=refusals(422))
def change_deliveries(
    request: Request, action: DeliveryAction, chosen: DeliveryChoice, person: Administrator
) -> Changed:
    """Send objects again, hold them back, or let them go."""
    del person
    if not (chosen.ids or chosen.study or chosen.destination or chosen.states):
        raise ProblemError(422, "The request is not valid", "Say which objects: ids, study, destination or states.")
    here = context(request)
    ids = tuple(one for one in chosen.ids if 0 < one <= _LARGEST)
    if chosen.ids and not ids:
        return Changed(objects=0)
    choice = orders.Choice(ids, chosen.study, chosen.destination, tuple(chosen.states))
    with here.database.session() as session:
        count = _ACTIONS[action](session, choice)
    note(request, f"{action} results", f"{count} objects")
    here.hub.publish(TRAFFIC)
    for sender in here.node.senders.values():
        sender.wake(at_once=action is not DeliveryAction.HOLD)
    if action is not DeliveryAction.HOLD:
        here.member.call(Call.NODE)
    return Changed(objects=count)


def _facts(settings: Dicom, name: str) -> dict[str, Any]:
    """What the settings say of a destination or webhook."""
    webhook, to = settings.webhooks.get(name), settings.destinations.get(name)
    if webhook is not None:
        return {"way": Way.WEBHOOK, **_place(webhook.url), "readers": "none"}
    if to is None:
        return {"way": Way.GONE, "address": "", "secure": False, "readers": "none"}
    if to.web:
        return {"way": Way.DICOMWEB, **_place(to.url), "readers": to.readers}
    return {"way": Way.DICOM, "address": f"{to.aet}@{to.host}:{to.port}", "secure": to.tls, "readers": to.readers}


def _place(url: str) -> dict[str, Any]:
    """Host and port alone: the rest of an address may hold a secret."""
    parts = urlsplit(url)
    return {"address": f"{parts.hostname}{f':{parts.port}' if parts.port else ''}", "secure": parts.scheme == "https"}


def _let_go(request: Request, instance: int) -> str:
    """The file of an instance that is taken off the list."""
    if not 0 < instance <= _LARGEST:
        raise missing("instance")
    with context(request).database.session() as session:
        file = receipts.let_go(session, instance)
    if file is None:
        raise missing("instance")
    return file


def _object(row: Delivery) -> DeliveredObject:
    return DeliveredObject(
        id=row.id,
        study=row.study_id,
        destination=row.destination,
        output=row.form,
        part=row.part,
        state=DeliveryState(row.state),
        instance=row.instance,
        attempts=row.attempts,
        created=row.created,
        due=row.due,
        sent=row.sent,
        settled=row.settled,
        problem="" if row.problem is None else str(faults.restore(row.problem)),
    )
