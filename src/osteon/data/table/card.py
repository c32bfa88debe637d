"""Dataset cards: content, source and terms of each dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class DatasetCard:
    """A dataset as its publisher describes it.

    Attributes:
        name: on the command line.
        title: its full name.
        about: one or two sentences on its content and use.
        licence: SPDX identifier, or the name of the terms.
        citation: the paper to cite.
        url: its page.
        access: ``free`` (can be fetched), ``apply`` (an account, a course or a contract is needed), ``own`` (the
            user's files).
        obtain: how to get it, as a sentence to the user.
        layout: on disk, as a few lines of text.
        expected: published figures by name, in the grammar of ``osteon.data.table.published``: ``images in train``,
            ``boxes of osteophytes`` ...
        identifiers: columns of the table that a split can be grouped by, the safest first.
        together: those of them that a split keeps together by default; empty for the first alone.
        label_map: from the publisher's terms to osteon's labels.
        figshare: number of its article on figshare, where ``access`` is ``free``.
        caveats: what to know before training on it.
        ages: completed years that its patients can have, youngest and eldest; None where its publisher does not state them.
        unverified: statements on this card that could not be checked at the source.
    """

    name: str
    title: str
    about: str
    licence: str
    citation: str
    url: str
    access: Literal["free", "apply", "own"]
    obtain: str
    layout: str
    expected: Mapping[str, float] = field(default_factory=dict[str, float])
    identifiers: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    label_map: Mapping[str, str] = field(default_factory=dict[str, str])
    figshare: int | None = None
    caveats: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    ages: tuple[float, float] | None = None
