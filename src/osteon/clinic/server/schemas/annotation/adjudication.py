"""Studies that all readers have finished, for leads and adjudicators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from osteon.clinic.annotation.payloads import Identifier
from osteon.clinic.annotation.records.consensus import ConsensusRule
from osteon.clinic.annotation.records.project import ItemState
from osteon.clinic.annotation.records.read import Answer, Provenance, Region, Stage
from osteon.clinic.annotation.schema.records import RegionKind
from osteon.clinic.server.schemas.annotation.work import TaskImage
from osteon.clinic.server.schemas.given import Given
from osteon.clinic.server.schemas.words import Written
from osteon.core.labels import Sex

Position = Annotated[int, Field(ge=0, le=100_000)]
Coordinate = Annotated[float, Field(ge=-1, le=1e6, allow_inf_nan=False)]
Note = Annotated[Written, Field(max_length=2000)]


class ReadyStudy(BaseModel):
    """A study that all its readers have finished."""

    item: int
    state: ItemState
    disputed: int = Field(description="How many things its readers disagree on.")


class ReadyPage(BaseModel):
    """Studies that all their readers have finished."""

    items: list[ReadyStudy]
    next: int | None = Field(description="`cursor` of the next page.")
    total: int


class ShownRead(BaseModel):
    """A read of a study."""

    id: int
    reader: str = Field(description="A letter for adjudicators, the name for leads.")
    round: int
    stage: Stage
    answers: list[Answer]
    regions: list[Region]
    active_seconds: float
    finished: datetime
    skip_reason: str
    question: str


class DisputedLabel(BaseModel):
    """A label that readers answer differently."""

    label: str
    image: int | None
    values: dict[int, int | None] = Field(description="By number of the read.")


class DisputedRegion(BaseModel):
    """A region that some readers have and others have not."""

    label: str
    image: int
    regions: dict[int, Region] = Field(description="By number of the read.")
    missing: list[int] = Field(description="Numbers of the reads that have none there.")


class ShownConsensus(BaseModel):
    """The consensus that holds."""

    rule: ConsensusRule
    answers: list[Answer]
    regions: list[Region]
    reads: list[int]
    author: str
    created: datetime
    signed: datetime | None
    note: str


class AdjudicationCase(BaseModel):
    """A study with its reads side by side."""

    item: int
    state: ItemState
    age: float | None
    sex: Sex | None
    images: list[TaskImage]
    reads: list[ShownRead] = Field(description="One of each reader.")
    earlier: list[ShownRead] = Field(description="Of earlier rounds, unaided before aided ones, and skipped ones.")
    labels: list[DisputedLabel]
    regions: list[DisputedRegion]
    consensus: ShownConsensus | None


class GivenAnswer(Given):
    """An answer."""

    label: str = Field(max_length=64)
    value: Literal[1, 0, -1]
    image: Position | None = None


class GivenRegion(Given):
    """A region; of one that was taken over from a read, its provenance and model go along."""

    id: Identifier
    label: str = Field(max_length=64)
    image: Position
    kind: RegionKind
    points: list[tuple[Coordinate, Coordinate]] = Field(min_length=1, max_length=2000)
    provenance: Provenance = Provenance.OWN
    model: str = Field("", max_length=200)
    score: float | None = Field(None, ge=0, le=1)
    proposal: Position | None = None


class NewConsensus(Given):
    """A decision on a study: by a rule, or with answers and regions by the one who sends it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"rule": "majority", "sign": False}]})

    rule: ConsensusRule
    answers: list[GivenAnswer] = Field(default_factory=lambda: list[GivenAnswer](), max_length=5000)
    regions: list[GivenRegion] = Field(default_factory=lambda: list[GivenRegion](), max_length=2000)
    weights: dict[str, Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]] | None = Field(
        None, max_length=200, description="By name of the reader, for `weighted`; others have 1."
    )
    note: Note = ""
    sign: bool = Field(False, description="Locks the study.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.rule is not ConsensusRule.PERSON and (self.answers or self.regions):
            raise ValueError("answers and regions are for the rule person only")
        if (self.weights is not None) != (self.rule is ConsensusRule.WEIGHTED):
            raise ValueError("weights are for the rule weighted, which needs them")
        return self


class RuleForAll(Given):
    """A rule for all studies that all readers have finished and no person has decided."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"rule": "majority"}]})

    rule: Literal[ConsensusRule.MAJORITY, ConsensusRule.ANY, ConsensusRule.ALL, ConsensusRule.WEIGHTED]
    weights: dict[str, Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]] | None = Field(None, max_length=200)
    sign: bool = False


class DecidedStudies(BaseModel):
    """How many studies were decided."""

    decided: int


class NewReturn(Given):
    """Readers who shall read a study again."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reads": [12], "reason": "Look at L5."}]}
    )

    reads: list[Annotated[int, Field(ge=1, le=2**53)]] = Field(min_length=1, max_length=100)
    reason: Note = Field(min_length=1, description="Its readers see it. It must not tell what others said.")


class Returned(BaseModel):
    """Assignments that are open again."""

    assignments: list[str]
