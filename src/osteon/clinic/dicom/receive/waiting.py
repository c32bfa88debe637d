"""Instances that wait for the rest of their study, and whether all of it is there."""

from __future__ import annotations

from dataclasses import dataclass, field

from osteon.clinic.dicom.receive.facts import Facts
from osteon.clinic.dicom.settings import Rule
from osteon.clinic.reading.engines import Engines
from osteon.clinic.store.incoming import Entry


@dataclass(slots=True)
class Item:
    """An instance that waits.

    Attributes:
        entry: where it lies.
        facts: of its header.
        rule: by which it is read; None where none fits.
    """

    entry: Entry
    facts: Facts
    rule: Rule | None


@dataclass(slots=True)
class Waiting:
    """Instances of a StudyInstanceUID that wait.

    Attributes:
        first: when the first one came.
        last: when the latest one came.
        pause: not to be tried before then.
        items: by SOPInstanceUID.
    """

    first: float
    last: float
    pause: float = 0.0
    items: dict[str, Item] = field(default_factory=dict[str, Item])

    def complete(self, engines: Engines) -> bool:
        """Whether these are the images that are expected: so many as the rule says, or the views of its bundle."""
        rule = next((item.rule for item in self.items.values() if item.rule is not None), None)
        if rule is None:
            return False
        if rule.images is not None:
            return len(self.items) >= rule.images
        bundle = engines.bundle(rule.bundle) if rule.bundle else engines.bundles[0]
        views = set() if bundle is None else set(bundle.manifest.views)
        return bool(views) and views <= {item.facts.view for item in self.items.values()}
