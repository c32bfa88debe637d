"""What is measured of agreement, as flat rows: whose, at which level, of which label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from osteon.clinic.annotation.records.read import Stage
from osteon.stats.agreement.measure import AgreementFigure, Resampling


class Level(StrEnum):
    """What is compared."""

    STUDY = "study"
    IMAGE = "image"
    REGION = "region"


class Compared(StrEnum):
    """Whose judgements are compared."""

    ALL = "all"
    """All readers with each other."""
    PAIR = "pair"
    """Two readers."""
    CONSENSUS = "consensus"
    """A reader with the consensus."""
    REPEAT = "repeat"
    """A reader with themselves: the same study read twice."""
    PERIOD = "period"
    """All readers, of studies whose last read was finished in one month."""


@dataclass(frozen=True, slots=True)
class Variable:
    """Something that readers judge.

    Attributes:
        id: of the label; of a choice the labels with ``|`` between; ``*`` for regions of all labels.
        title: as it is shown.
        categories: of the judgement, in their order.
        choice: whether it is a choice of several, and not a label that is there or not.
        ordered: whether the choice is one of grades (``scale: ordinal`` in the schema), the lowest first; weighted figures are
            for these alone.
    """

    id: str
    title: str
    categories: tuple[str, ...]
    choice: bool = False
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """Figures of one comparison.

    Attributes:
        compared: whose.
        level: of what.
        variable: ``Variable.id``.
        readers: names: two of a pair, one of ``CONSENSUS`` and ``REPEAT``; empty for all.
        period: ``2026-11``; only of ``PERIOD``.
        cases: studies or images that were judged at least twice; of regions the images that both read.
        counts: how often each category was given, or how many regions were drawn.
        figures: by name: ``kappa`` (Cohen's of two, Fleiss' of all), ``kappa_linear``, ``kappa_quadratic``, ``alpha``,
            ``alpha_ordinal``, ``observed``, ``specific.<category>``; of angles ``alpha_angle``; of regions
            ``f1_30``, ``f1_50``, ``overlap_50`` and,
            against the consensus, ``sensitivity_..``, ``false_per_image_..``, ``precision_..``.
    """

    compared: Compared
    level: Level
    variable: str
    cases: int
    figures: Mapping[str, AgreementFigure]
    readers: tuple[str, ...] = ()
    period: str = ""
    counts: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class ReaderRow:
    """What a reader did.

    Attributes:
        reader: name.
        studies: finished first reads.
        repeats: finished repeated reads.
        skipped: studies that were skipped.
        questions: to the lead.
        open: assignments that are not finished.
        images: in the studies that were read.
        regions: that were drawn.
        abnormal: studies in which a region was drawn or a label was answered with present.
        minutes: active, idle time cut off.
        median_seconds: for a study; None where nothing was read here.
        per_hour: studies in an active hour; None likewise.
        accepted: regions taken over from the model as they were.
        edited: regions taken over from the model and changed.
        rejected: proposals of the model that were rejected.
        first: when the first read was finished.
        last: when the last was.
    """

    reader: str
    studies: int
    repeats: int
    skipped: int
    questions: int
    open: int
    images: int
    regions: int
    abnormal: int
    minutes: float
    median_seconds: float | None
    per_hour: float | None
    accepted: int
    edited: int
    rejected: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class AgreementOptions:
    """What is measured.

    Attributes:
        stage: reads before or after the model's proposals were seen; these are never mixed.
        imported: whether reads that were imported from files count as those of readers.
        resampling: of the intervals, over patients where they are known, else over studies.
        pair_resamples: of the intervals of pairs, of which there may be many.
    """

    stage: Stage = Stage.UNAIDED
    imported: bool = False
    resampling: Resampling = field(default_factory=Resampling)
    pair_resamples: int = 500


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of a project.

    Attributes:
        project: name.
        title: of its label schema.
        made: when it was measured.
        options: how.
        variables: by level.
        rows: all comparisons that had something to compare.
        readers: what each did.
        studies: of the project that are not screened out.
        read_twice: studies that at least two readers read.
        agreed: studies with a consensus.
        left_out: reads that do not count, by reason: ``skipped``, ``screened_out``, ``other_schema``, ``imported``,
            ``sent_back`` (a later round took their place).
        not_compared: regions of shapes that are not compared, by shape: points and lines.
    """

    project: str
    title: str
    made: datetime
    options: AgreementOptions
    variables: Mapping[Level, tuple[Variable, ...]]
    rows: tuple[AgreementRow, ...]
    readers: tuple[ReaderRow, ...]
    studies: int
    read_twice: int
    agreed: int
    left_out: Mapping[str, int]
    not_compared: Mapping[str, int]

    def select(self, compared: Compared, level: Level) -> tuple[AgreementRow, ...]:
        """Rows of one comparison at one level."""
        return tuple(row for row in self.rows if row.compared is compared and row.level is level)
