"""What people draw on the images of a study: measurements, calibrations, boxes, and what they think of the network's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from osteon.clinic.store.tables.base import Base, Moment


class Mark(Base):
    """Something drawn on one image by one person.

    Attributes:
        image: position of the image in the study.
        kind: a ``MarkKind``.
        points: ``[x, y]`` in pixels of the image, as ``osteon.core.geometry`` counts them.
        label: of a box; empty for measurements.
        millimetres: the true length of a calibration line.
        accepted: of a verdict on a box of the network; its points are the corners of that box.
        author: name of the user.
        changed: when it was last changed; None where it is as it was drawn.
        bundle: whose reading was on the screen.
    """

    __tablename__ = "marks"

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[str] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), index=True)
    image: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    points: Mapped[list[list[float]]] = mapped_column(JSON)
    label: Mapped[str] = mapped_column(String(64), default="")
    millimetres: Mapped[float | None] = mapped_column(default=None)
    accepted: Mapped[bool | None] = mapped_column(default=None)
    author: Mapped[str] = mapped_column(String(200))
    created: Mapped[datetime] = mapped_column(Moment)
    changed: Mapped[datetime | None] = mapped_column(Moment, default=None)
    bundle: Mapped[str] = mapped_column(String(200))
