"""Columns of predictions that say why an image has no probability.

==================  ==============================================================================
``refused``         the sentences of its refusals, for people; tables of earlier versions have these alone
``refusal_codes``   their codes, with blanks between
``failed``          what was wrong with a file that could not be read, for people; tables of earlier versions have it alone
``failed_code``     its code
==================  ==============================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from osteon.core.codes.fault import FaultCode
from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.errors import InputError, OsteonError
from osteon.core.wording.faults import fault_heading
from osteon.core.wording.refusals import reason, refusal_heading
from osteon.core.wording.stored import stored_refusals
from osteon.evaluation.predictions.predictions import Predictions

REFUSED: Final = "refused"
CODES: Final = "refusal_codes"
FAILED: Final = "failed"
FAILED_CODE: Final = "failed_code"

NOT_READ: Final = (REFUSED, CODES, FAILED, FAILED_CODE)
"""All of them."""


class Cause(NamedTuple):
    """A cause for which images have no probability.

    Attributes:
        code: of a refusal, or of a file that could not be read; None where such a file has none.
        text: what is said of it where the code alone does not tell: a sentence of an earlier version.
    """

    code: RefusalCode | FaultCode | None
    text: str = ""

    @property
    def heading(self) -> str:
        """The cause in words."""
        if self.text or self.code is None:
            return self.text
        return fault_heading(self.code) if isinstance(self.code, FaultCode) else refusal_heading(self.code)

    @property
    def unreadable(self) -> bool:
        """Whether the file could not be read, so that the image was never looked at."""
        return not isinstance(self.code, RefusalCode)


def refusal_columns(refusals: Sequence[Iterable[Refusal]]) -> dict[str, list[str]]:
    """The columns ``refused`` and ``refusal_codes`` of images, in order."""
    rows = [tuple(row) for row in refusals]
    codes = [" ".join(dict.fromkeys(refusal.code.value for refusal in row)) for row in rows]
    return {REFUSED: [reason(row) for row in rows], CODES: codes}


def failed_columns(errors: Iterable[OsteonError | None]) -> dict[str, list[str]]:
    """The columns ``failed`` and ``failed_code`` of images, in order."""
    rows = list(errors)
    codes = [error.code.value if isinstance(error, InputError) else "" for error in rows]
    return {FAILED: ["" if error is None else error.problem for error in rows], FAILED_CODE: codes}


def refused(predictions: Predictions) -> list[tuple[Cause, ...]]:
    """Why each image was refused; empty where it was not."""
    sentences, codes = _column(predictions, REFUSED), _column(predictions, CODES)
    return [_causes(sentence, listed) for sentence, listed in zip(sentences, codes, strict=True)]


def failed(predictions: Predictions) -> list[tuple[Cause, ...]]:
    """Why the file of each image could not be read; empty where it could."""
    pairs = zip(_column(predictions, FAILED), _column(predictions, FAILED_CODE), strict=True)
    return [(_failure(problem, code),) if problem else () for problem, code in pairs]


def counted(rows: Iterable[Iterable[Cause]]) -> dict[Cause, list[int]]:
    """The rows of each cause, the most frequent cause first; an image with two causes counts in both."""
    found: dict[Cause, list[int]] = {}
    for row, causes in enumerate(rows):
        for cause in dict.fromkeys(causes):
            found.setdefault(cause, []).append(row)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0].heading)))


def _causes(sentences: str, codes: str) -> tuple[Cause, ...]:
    known = set(RefusalCode)
    listed = [RefusalCode(code) for code in codes.split() if code in known]
    if listed and RefusalCode.OTHER not in listed:
        return tuple(map(Cause, listed))
    return tuple(dict.fromkeys(_stored(refusal) for refusal in stored_refusals(sentences)))


def _failure(problem: str, code: str) -> Cause:
    known = code in tuple(FaultCode) and code != FaultCode.OTHER
    return Cause(FaultCode(code)) if known else Cause(None, problem)


def _stored(refusal: Refusal) -> Cause:
    return Cause(refusal.code, str(refusal.values["text"]) if refusal.code is RefusalCode.OTHER else "")


def _column(predictions: Predictions, name: str) -> list[str]:
    return predictions.attributes.get(name, np.full(len(predictions), "")).tolist()
