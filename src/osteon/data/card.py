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
        expected: published counts by name (``images``, ``studies``, ``patients``, ``positive`` ...).
        identifiers: columns of the table that can hold a split together, the safest first.
        label_map: the publisher's words to osteon's labels.
        figshare: number of its article on figshare, where ``access`` is ``free``.
        caveats: what to know before training on it.
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
    expected: Mapping[str, int] = field(default_factory=dict[str, int])
    identifiers: tuple[str, ...] = ()
    label_map: Mapping[str, str] = field(default_factory=dict[str, str])
    figshare: int | None = None
    caveats: tuple[str, ...] = ()
