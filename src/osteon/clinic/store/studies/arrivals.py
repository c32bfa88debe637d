"""Records of files that arrive and of their outcome, for intake, admission and assembler."""

from __future__ import annotations

from dataclasses import dataclass, field

from osteon.clinic.state import State
from osteon.core.errors import OsteonError
from osteon.core.labels import View


@dataclass(frozen=True, slots=True)
class File:
    """A file that is in the store.

    Attributes:
        digest: its name there.
        size: bytes.
        format: a value of ``Kind``.
        view: that its name stated.
        name: what the sender calls it.
        instance: SOPInstanceUID, empty where there is none.
        pixels: as its header states them; None where it does not.
        series: SeriesInstanceUID, empty where there is none.
        sop_class: SOPClassUID, likewise.
        modality: likewise.
    """

    digest: str
    size: int
    format: str
    view: View | None
    name: str = ""
    instance: str = ""
    pixels: int | None = None
    series: str = ""
    sop_class: str = ""
    modality: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a file says of where it belongs; empty where it does not say.

    Attributes:
        uid: StudyInstanceUID: files of one belong together, however they arrive.
        accession: AccessionNumber.
        patient: PatientID.
        marks: what tells its patient from others.
        date: StudyDate, YYYYMMDD.
        time: StudyTime, HHMMSS.
        number: StudyID.
        name: of the patient, as it is searched for.
        referrer: the referring physician's name, likewise.
    """

    uid: str = ""
    accession: str = ""
    patient: str = ""
    marks: dict[str, str] = field(default_factory=dict[str, str])
    date: str = ""
    time: str = ""
    number: str = ""
    name: str = ""
    referrer: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """Files that want in as one study, whatever else is there.

    Attributes:
        key: hash of what makes it this study.
        bundle: ``name@version`` of the bundle that will read it.
        files: each once.
        position_pairs: pairs of the position of a file among these and its position in the upload, first copies first.
        pseudonym: stands for the patient; None to make one of what the files say.
        label: what the sender calls it.
        identity: of a file that states no StudyInstanceUID.
    """

    key: str
    bundle: str
    files: tuple[File, ...]
    position_pairs: tuple[tuple[int, int], ...]
    pseudonym: str | None = None
    label: str | None = None
    identity: Identity = field(default_factory=Identity)

    @property
    def positions(self) -> tuple[int, ...]:
        """Of its files in the upload."""
        return tuple(position for _, position in self.position_pairs)


@dataclass(frozen=True, slots=True)
class Piece:
    """A file that states its study: it joins that study, which may be there already.

    Attributes:
        position: in the upload.
        file: in the store.
        identity: that it states.
        pseudonym: stands for the patient.
        label: what the sender calls the study.
    """

    position: int
    file: File
    identity: Identity
    pseudonym: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A study that is in.

    Attributes:
        study: its identifier.
        state: of it.
        new: whether it was queued now, or got files now.
        positions: of its files in the upload.
        position_pairs: pairs of the position of a file in the study and its position in the upload.
        added: positions in the upload of files that joined a study which was there.
        known: positions in the upload of files that were there already.
        replaces: identifier of the version that it replaces, where that happened now.
    """

    study: str
    state: State
    new: bool
    positions: tuple[int, ...]
    position_pairs: tuple[tuple[int, int], ...] = ()
    added: tuple[int, ...] = ()
    known: tuple[int, ...] = ()
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was not taken.

    Attributes:
        position: in the upload, from 0.
        error: why.
    """

    position: int
    error: OsteonError


@dataclass(frozen=True, slots=True)
class Admission:
    """What became of files.

    Attributes:
        arrivals: studies, each once, in the order of their first files.
        refusals: files that contradict what is there.
        copies: digests of files that are not needed, since their data set is there in another file.
    """

    arrivals: tuple[Arrival, ...]
    refusals: tuple[Refusal, ...]
    copies: frozenset[str] = frozenset()
