"""Annotation projects of a reading room, for programs.

::

    from osteon.clinic.annotation.client import Annotation
    from osteon.clinic.client import Client

    with Client("http://127.0.0.1:8042", key="osteon_...") as room:
        projects = Annotation(room)
        spines = projects.create("Spines 2026", "vindr_spinexr", readers_per_study=3)
        projects.put_member(spines.id, "maria", MemberRole.ANNOTATOR)
        projects.add_studies(spines.id, body_part=["spine"])
        projects.assign(spines.id)

An API key of an administrator leads every project. Reading is for accounts: a key has no work of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from osteon.clinic.annotation import codec
from osteon.clinic.annotation.agreement.records import Agreement
from osteon.clinic.annotation.exchange.incoming import ImportedImage
from osteon.clinic.annotation.filling import Filled, Gathered, fill
from osteon.clinic.annotation.records.event import EventKind
from osteon.clinic.annotation.records.project import MemberRole
from osteon.clinic.annotation.records.read import Read, Stage
from osteon.clinic.annotation.schema.content import file_schema
from osteon.clinic.annotation.schema.shipped import SHIPPED
from osteon.clinic.client import Client
from osteon.clinic.server.schemas.annotation.adjudication import (
    AdjudicationCase,
    DecidedStudies,
    ReadyStudy,
    Returned,
    ShownConsensus,
)
from osteon.clinic.server.schemas.annotation.items import (
    AddedItems,
    MadeAssignments,
    ProjectAssignment,
    ProjectItem,
    Question,
)
from osteon.clinic.server.schemas.annotation.projects import (
    AnnotationProject,
    FullAnnotationProject,
    ProjectMember,
    ProjectProgress,
)
from osteon.clinic.server.schemas.annotation.results import Imported, SnapshotRow
from osteon.clinic.server.schemas.annotation.work import KeptEvents, QueuedStudy, Task
from osteon.core.errors import OsteonError, PeerError
from osteon.core.snapshot import Snapshot

PAGE: Final = 500
"""Entries of a list that are asked for at once."""

_T = TypeVar("_T")


class Annotation:
    """Annotation over a client of a reading room.

    Args:
        room: an open client.
    """

    def __init__(self, room: Client) -> None:
        self._room = room

    def projects(self) -> list[AnnotationProject]:
        """All projects that the key or account may enter."""
        return self._ask(list[AnnotationProject], "GET", "/projects")

    def find(self, name: str) -> AnnotationProject:
        """A project by its name or identifier.

        Raises:
            PeerError: there is none, or the server does not answer.
        """
        found = next((project for project in self.projects() if name in (project.id, project.name)), None)
        if found is None:
            raise PeerError(
                "there is no such annotation project", got=name, hint="`osteon annotate status` lists them."
            )
        return found

    def create(self, name: str, schema: str, **settings: Any) -> FullAnnotationProject:
        """Begin a project.

        Args:
            name: unique in the room.
            schema: a shipped label schema, or the path of a file.
            settings: of ``POST /projects``: ``readers_per_study``, ``repeat_share``, ``seed``, ``order``, ``arm``, ``box_iou``.

        Raises:
            DataError: the file is no label schema.
            PeerError: the server refuses.
        """
        chosen: dict[str, Any] = (
            {"schema_name": schema} if schema in SHIPPED else {"label_schema": file_schema(Path(schema))}
        )
        return self._ask(FullAnnotationProject, "POST", "/projects", json={"name": name, **chosen, **settings})

    def settings(self, project: str) -> FullAnnotationProject:
        """A project with its settings and label schema."""
        return self._ask(FullAnnotationProject, "GET", f"/projects/{project}")

    def put_schema(self, project: str, file: Path) -> FullAnnotationProject:
        """Give a project another version of its label schema; labels that are there must stay, with their scope.

        Raises:
            DataError: the file is no label schema.
            PeerError: the server refuses.
        """
        body = {"label_schema": file_schema(file)}
        return self._ask(FullAnnotationProject, "PUT", f"/projects/{project}/schema", json=body)

    def change(self, project: str, **settings: Any) -> FullAnnotationProject:
        """Change settings of a project, as ``PATCH /projects/{project}`` takes them."""
        return self._ask(FullAnnotationProject, "PATCH", f"/projects/{project}", json=settings)

    def members(self, project: str) -> list[ProjectMember]:
        """Members, former ones too."""
        return self._ask(list[ProjectMember], "GET", f"/projects/{project}/members")

    def put_member(self, project: str, name: str, role: MemberRole) -> ProjectMember:
        """Make an account a member, or give a member another role."""
        return self._ask(ProjectMember, "PUT", f"/projects/{project}/members/{name}", json={"role": role})

    def remove_member(self, project: str, name: str) -> None:
        """End a membership."""
        self._room.request("DELETE", f"/projects/{project}/members/{name}")

    def add_studies(self, project: str, **wanted: Any) -> AddedItems:
        """Add studies: ``studies`` (identifiers), ``all``, or some of ``body_part``, ``call`` and ``words``."""
        return self._ask(AddedItems, "POST", f"/projects/{project}/items", json=wanted)

    def fill(
        self, project: str, studies: Iterable[Gathered | OsteonError], told: Callable[[int], object] | None = None
    ) -> Filled:
        """Send studies to the room, wait until they are read, and add them; see ``osteon.clinic.annotation.filling.fill``."""

        def add(names: list[str], text_found: list[str]) -> AddedItems:
            return self.add_studies(project, studies=names, text_found=text_found)

        return fill(self._room, add, studies, told)

    def items(self, project: str, *, state: str = "", to_screen: bool = False) -> Iterator[ProjectItem]:
        """The studies of a project, page by page as they are needed; ``to_screen``: those that somebody should look at."""
        wanted = {"state": state, "to_screen": "true" if to_screen else ""}
        for record in self._pages(
            f"/projects/{project}/items", **{name: value for name, value in wanted.items() if value}
        ):
            yield ProjectItem.model_validate(record)

    def screen(self, project: str, item: int, *, included: bool, reason: str = "") -> None:
        """Take a study out of a project with a reason, or keep it or take it back in."""
        body = {"included": included, "reason": reason}
        self._room.request("PATCH", f"/projects/{project}/items/{item}", json=body)

    def assign(self, project: str, readers: Sequence[str] = ()) -> MadeAssignments:
        """Give each study as many annotators as the project wants."""
        body = {"readers": list(readers)} if readers else {}
        return self._ask(MadeAssignments, "POST", f"/projects/{project}/assignments", json=body)

    def assignments(self, project: str, *, reader: str = "", state: str = "") -> Iterator[ProjectAssignment]:
        """Who reads what, with arm and order, page by page as it is needed."""
        wanted = {name: value for name, value in (("reader", reader), ("state", state)) if value}
        for record in self._pages(f"/projects/{project}/assignments", **wanted):
            yield ProjectAssignment.model_validate(record)

    def add_reader(self, project: str, item: int, reader: str) -> ProjectAssignment:
        """Give one study to one more annotator."""
        path = f"/projects/{project}/items/{item}/assignments"
        return self._ask(ProjectAssignment, "POST", path, json={"reader": reader})

    def withdraw(self, project: str, assignment: str) -> None:
        """Take a study from an annotator who has not finished it."""
        self._room.request("DELETE", f"/projects/{project}/assignments/{assignment}")

    def questions(self, project: str) -> list[Question]:
        """What annotators have asked the lead, the latest first."""
        return self._ask(list[Question], "GET", f"/projects/{project}/questions")

    def progress(self, project: str) -> ProjectProgress:
        """How far a project is."""
        return self._ask(ProjectProgress, "GET", f"/projects/{project}/progress")

    def reads(self, project: str) -> Iterator[Read]:
        """Finished reads, page by page as they are needed."""
        for record in self._pages(f"/projects/{project}/reads"):
            yield codec.restore(Read, record)

    def decide(self, project: str, rule: str, *, sign: bool = False, weights: Mapping[str, float] | None = None) -> int:
        """Decide by a rule all studies that all readers have finished; how many."""
        body = {"rule": rule, "sign": sign, "weights": None if weights is None else dict(weights)}
        return self._ask(DecidedStudies, "POST", f"/projects/{project}/consensus", json=body).decided

    def adjudications(self, project: str, state: str = "disputed") -> Iterator[ReadyStudy]:
        """Studies that all their readers have finished: ``disputed``, ``agreed``, ``ready`` (both), ``signed``; page by page."""
        for record in self._pages(f"/projects/{project}/adjudications", state=state):
            yield ReadyStudy.model_validate(record)

    def case(self, project: str, item: int) -> AdjudicationCase:
        """A study with its reads side by side, and what they disagree on."""
        return self._ask(AdjudicationCase, "GET", f"/projects/{project}/items/{item}")

    def decide_study(
        self, project: str, item: int, rule: str, *, sign: bool = False, **decision: Any
    ) -> ShownConsensus:
        """Decide one study by a rule, or (``person``) by ``answers`` and ``regions``, with ``note`` and ``weights``."""
        body = {"rule": rule, "sign": sign, **decision}
        return self._ask(ShownConsensus, "POST", f"/projects/{project}/items/{item}/consensus", json=body)

    def send_back(self, project: str, item: int, reads: Sequence[int], reason: str) -> list[str]:
        """Send a study back to the readers of some reads; the assignments that are open again."""
        body = {"reads": list(reads), "reason": reason}
        return self._ask(Returned, "POST", f"/projects/{project}/items/{item}/returns", json=body).assignments

    def report(self, project: str, read: int) -> bytes:
        """A read as a DICOM report (TID 1500) of its reader, which names the patient as the images do."""
        return self._room.content(f"/projects/{project}/reads/{read}/report.dcm")

    def agreement(self, project: str, *, aided: bool = False, resamples: int = 1000) -> Agreement:
        """How far the readers agree with each other, the consensus and themselves, with intervals."""
        asked = {"stage": Stage.AIDED if aided else Stage.UNAIDED, "resamples": resamples}
        return self._ask(Agreement, "GET", f"/projects/{project}/agreement", params=asked)

    def snapshots(self, project: str) -> list[SnapshotRow]:
        """The snapshots that are kept, the oldest first."""
        return self._ask(list[SnapshotRow], "GET", f"/projects/{project}/snapshots")

    def snapshot(self, project: str, *, name: str = "", rule: str | None = None) -> SnapshotRow:
        """Take an immutable snapshot of what is decided; ``rule`` decides what nobody decided: majority, any or all."""
        return self._ask(SnapshotRow, "POST", f"/projects/{project}/snapshots", json={"name": name, "rule": rule})

    def snapshot_record(self, project: str, snapshot: str) -> Snapshot:
        """What a snapshot says of each image."""
        return self._ask(Snapshot, "GET", f"/projects/{project}/snapshots/{snapshot}/file")

    def import_images(self, project: str, reader: str, images: Iterable[ImportedImage], source: str = "") -> Imported:
        """Give a reader annotations to go on from: drafts, which the reader finishes. Sent twice, they are there once.

        Args:
            project: identifier.
            reader: name of an annotator of the project.
            images: of whole studies.
            source: their format, for the audit log.
        """
        body = {"reader": reader, "source": source, "images": [codec.dump(image) for image in images]}
        return self._ask(Imported, "POST", f"/projects/{project}/imports", json=body)

    def queue(self, project: str, *states: str) -> Iterator[QueuedStudy]:
        """The own queue, page by page as it is needed."""
        for record in self._pages(f"/projects/{project}/queue", state=list(states)):
            yield QueuedStudy.model_validate(record)

    def task(self, assignment: str) -> Task:
        """An own study to be annotated."""
        return self._ask(Task, "GET", f"/assignments/{assignment}")

    def append(self, assignment: str, events: Sequence[Mapping[str, Any]]) -> KeptEvents:
        """Append events; where there is no answer, send the same ones again: none is kept twice."""
        return self._ask(KeptEvents, "POST", f"/assignments/{assignment}/events", json={"events": list(events)})

    def _pages(self, path: str, **wanted: Any) -> Iterator[Any]:
        asked: dict[str, Any] = {"limit": PAGE, **wanted}
        while True:
            page = self._room.request("GET", path, params=asked)
            yield from page["items"]
            if page["next"] is None:
                return
            asked["cursor"] = page["next"]

    def _ask(self, model: type[_T], method: str, path: str, **options: Any) -> _T:
        content = self._room.request(method, path, **options)
        try:
            return TypeAdapter(model).validate_python(content)
        except ValidationError as error:
            raise PeerError("the response is not valid", hint="Do server and client have the same version?") from error


def new_event(kind: EventKind, **payload: Any) -> dict[str, Any]:
    """An event with a new identifier, for ``Annotation.append``."""
    return {"id": str(uuid.uuid4()), "kind": kind, "payload": payload}
