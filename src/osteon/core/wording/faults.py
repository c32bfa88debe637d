"""Sentences and headings for what cannot be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from string import Formatter
from typing import Final, NamedTuple

from osteon.core.codes.fault import Fault, FaultCode
from osteon.core.values import Value, Values
from osteon.core.wording.fault_templates import FOREIGN, TEMPLATES, TIFF_PROPERTIES

_MADE_OF: Final = {"name": "format", "advice": "format", "named": "property", "missing": "without_data"}
"""Words of templates that are made of a value."""


class FaultWords(NamedTuple):
    """The parts of a sentence, as ``osteon.core.errors.OsteonError`` takes them; empty where there is nothing to say."""

    problem: str
    expected: str = ""
    got: str = ""
    hint: str = ""


def fault_words(fault: Fault) -> FaultWords:
    """The words of a fault with its values; what needs a value that is not there stays empty."""
    template, values = TEMPLATES[fault.code], _filled(fault)
    return FaultWords(
        _first(template.problem or template.heading, values) or template.heading,
        _first(template.expected, values),
        _first(template.got, values),
        _first(template.hint, values),
    )


def fault_heading(code: FaultCode) -> str:
    """What all faults of a code have in common, for tables."""
    return TEMPLATES[code].heading


def fault_counts(faults: Iterable[Fault]) -> str:
    """How many faults there are of each code, the most frequent first: one line for a summary."""
    counts = Counter(fault.code for fault in faults).most_common()
    return "; ".join(f"{fault_heading(code)}: {number:,}" for code, number in counts)


def without_got(fault: Fault) -> Fault:
    """The fault without the values that only ``got`` says, which may quote a file or a path."""
    template = TEMPLATES[fault.code]
    kept = set[str]().union(*map(_fields, _all(template.problem, template.expected, template.hint)))
    kept |= {_MADE_OF[name] for name in kept & _MADE_OF.keys()}
    return Fault(fault.code, {name: value for name, value in fault.values.items() if name in kept})


def _all(*parts: tuple[str, ...] | str) -> list[str]:
    return [text for part in parts for text in ((part,) if isinstance(part, str) else part)]


def _first(alternatives: tuple[str, ...] | str, values: Mapping[str, Value]) -> str:
    """The first alternative whose values are all there; empty where there is none."""
    return next((text.format_map(values) for text in _all(alternatives) if _fields(text) <= values.keys()), "")


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def _filled(fault: Fault) -> Values:
    """Values with the words that stand for some of them."""
    values = dict(fault.values)
    if fault.code is FaultCode.UNKNOWN_FORMAT and "format" in values:
        values["name"], values["advice"] = FOREIGN[str(values["format"])]
    elif fault.code is FaultCode.TIFF_UNSUPPORTED and "property" in values:
        values["named"] = TIFF_PROPERTIES[str(values["property"])]
    elif fault.code is FaultCode.NO_IMAGE and "without_data" in values:
        values["missing"] = (
            "Pixel Data that are not empty" if values["without_data"] else "Rows, Columns and Pixel Data"
        )
    return values
