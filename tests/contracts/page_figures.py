"""The figures of a page, and what stands behind each: evidence that is compared, or a command that the page names.

A page is read in blocks: paragraphs, tables, list items. A block with a figure is covered by the nearest of

- a comment before it, ``<!-- figures: FILE KEY KEY ... -->``: the figures of these keys in ``docs/evidence/FILE`` stand in the
  block, and it has no other figure of three decimals;
- a command in its section, that makes the figures;
- a comment ``<!-- not measured: WHY -->`` before it, or as the first thing in its section: settings, definitions, what others
  have published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

FIGURE: Final = re.compile(
    r"\b\d[\d,.]*(?:\s|-)times\b|(?<![\w.@/-])[−-]?\d[\d,]*\.\d+(?![\w.]*\.\d|\w)|(?<![\w.])\d[\d,.]*\s?%"
)
"""A decimal number, a share in per cent, or a ratio; versions (1.3.0) and parts of names are none."""

EXACT: Final = re.compile(r"(?<![\w.@/-])[−-]?\d[\d,]*\.\d{3}(?!\w|\.\d)")
"""A figure of three decimals, as all in the evidence are written."""

COMMAND: Final = re.compile(
    r"osteon (?:evaluate|reproduce|compare|claims|bench|export|data (?:check|stats|split)|search)\b"
    r"|for \w+ in range\(|python (?:benchmarks|scripts)/\w+|tests/[\w/]+(?:\.py)?|make (?:test|slow|coverage|fuzz|page)"
    r"|(?:benchmarks|scripts|containers|fuzz)/[\w/]+\.(?:py|sh|js)"
)
"""Commands that make figures, and expressions over seeds; a test is one that fails where its figure is wrong."""

_CODE: Final = re.compile(r"^```.*?^```[^\S\n]*$", re.MULTILINE | re.DOTALL)
_SPAN: Final = re.compile(r"`[^`\n]+`")
_COMMENT: Final = re.compile(r"<!--\s*(figures|not measured):\s*(.*?)\s*-->", re.DOTALL)
_VERSION: Final = re.compile(r"\b(?:[Vv]ersions?|Python|BY|[Ss]ections?|Table|doi:)\s?\d[\d.]*(?:/\S+)?")
_INCLUDE: Final = re.compile(r"^```\{include\} (\S+)", re.MULTILINE)
_LINK: Final = re.compile(r"\]\([^)]*\)")


@dataclass
class Block:
    """A paragraph, table or list of a page.

    Attributes:
        section: heading that it stands below.
        text: Markdown without code.
        line: its first line in the page, from 1.
        evidence: what a comment before it names: file and keys; empty without one.
        reason: why its figures are not measured, as a comment says; empty without one.
        commands: in its section.
    """

    section: str
    text: str
    line: int
    evidence: tuple[str, ...] = ()
    reason: str = ""
    commands: list[str] = field(default_factory=list[str])

    @property
    def figures(self) -> list[str]:
        """Figures in the block."""
        return [found[0].strip() for found in FIGURE.finditer(self.text)]

    @property
    def exact(self) -> list[str]:
        """Figures of three decimals, with the usual minus sign."""
        return [found.replace("−", "-").replace(",", "") for found in EXACT.findall(self.text)]

    @property
    def covered(self) -> bool:
        """Whether something stands behind its figures."""
        return not self.figures or bool(self.evidence or self.reason or self.commands)


def including(page: str, name: str) -> list[str]:
    """Commands of the sections of a page that include a file of that name."""
    return [
        command
        for _, _, section in _sections(page)
        if any(found.rpartition("/")[2] == name for found in _INCLUDE.findall(section))
        for command in _commands(section)
    ]


def _commands(section: str) -> list[str]:
    return [found for code in (*_CODE.findall(section), *_SPAN.findall(section)) for found in COMMAND.findall(code)]


def blocks(page: str, commands: Sequence[str] = ()) -> Iterator[Block]:
    """The blocks of a page, in their order.

    Args:
        page: Markdown.
        commands: of the sections that include it, where it is a fragment of other pages.
    """
    for heading, start, section in _sections(page):
        own = [*commands, *_commands(section)]
        prose = _CODE.sub(lambda code: "\n" * code[0].count("\n"), section)
        whole, waiting, first = "", ("", ""), True
        for match in re.finditer(r"(?:^[^\n]*\S[^\n]*\n?)+", prose, re.MULTILINE):
            text = match[0]
            for kind, words in _COMMENT.findall(text):
                waiting = (kind, " ".join(words.split()))
                if kind == "not measured" and first:
                    whole = waiting[1]
            bare = _VERSION.sub("", _LINK.sub("]", _SPAN.sub("", _COMMENT.sub("", text))))
            if not bare.strip():
                continue
            kind, words = waiting
            line = start + prose[: match.start()].count("\n")
            evidence = tuple(words.split()) if kind == "figures" else ()
            yield Block(heading, bare, line, evidence, words if kind == "not measured" else whole, own)
            waiting, first = ("", ""), False


def _sections(page: str) -> Iterator[tuple[str, int, str]]:
    """Heading, its line, and what stands below it until the next heading of any level."""
    masked = _CODE.sub(lambda code: re.sub(r"^#", " ", code[0], flags=re.MULTILINE), page)
    marks = [match.start() for match in re.finditer(r"^#{1,6} ", masked, re.MULTILINE)]
    if not marks or marks[0]:
        marks = [0, *marks]
    ends = [*marks[1:], len(page)]
    for begin, end in zip(marks, ends, strict=True):
        head, _, rest = page[begin:end].partition("\n") if page[begin : begin + 1] == "#" else ("", "", page[begin:end])
        yield head.strip("# ").strip(), page[:begin].count("\n") + 1 + bool(head), rest


def stated(figure: Mapping[str, Any]) -> list[str]:
    """Value and ends of an interval, as a page writes them."""
    ends = [figure["value"], figure.get("low"), figure.get("high")]
    return [f"{end:.3f}" for end in ends if end is not None]
