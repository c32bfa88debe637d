"""What a dataset is, where it comes from, and under what terms: one card for each reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class DatasetCard:
    """A dataset as its publisher describes it.

    Attributes:
        name: the word for it on the command line.
        title: its full name.
        about: one or two sentences: what is in it and what it is good for.
        licence: SPDX identifier, or the name of the terms.
        citation: the paper to cite.
        url: its page.
        access: ``free`` (may be fetched), ``apply`` (an account, a course or a contract is needed), ``own`` (the
            user's files).
        obtain: how one gets it, as a sentence to the user.
        layout: how it lies on disk, as a few lines of text.
        expected: published figures by name, in the grammar of ``osteon.data.table.published``: ``images in train``,
            ``boxes of osteophytes`` ...
        identifiers: columns of the table that can hold a split together, the safest first.
        label_map: the publisher's words to osteon's labels.
        figshare: number of its article on figshare, where ``access`` is ``free``.
        caveats: what to know before training on it.
        ages: completed years that its patients can have, youngest and eldest; None where its publisher does not say.
        unverified: what on this card could not be checked at its source.
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
    label_map: Mapping[str, str] = field(default_factory=dict[str, str])
    figshare: int | None = None
    caveats: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    ages: tuple[float, float] | None = None
