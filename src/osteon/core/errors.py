"""The errors of Osteon.

    OsteonError
    ├── InputError      a file or study that cannot be read as a radiograph
    ├── DataError       a dataset, table or split that is not what it should be
    ├── BundleError     a bundle that is missing, altered, or of a newer schema
    ├── RecipeError     a recipe, or a setting of one, that does not exist or has a wrong type
    ├── PeerError       another system (PACS, registry) that did not answer as its protocol says
    └── StoreError      a store that cannot be opened or written

Each says what was expected, what came and what to do. They are translated once, at the edge: into an exit code, an HTTP
problem document, or a DICOM status. None ever carries the name, birth date or number of a patient.
"""

from __future__ import annotations

from typing import Any

from osteon.core.codes.fault import Fault, FaultCode
from osteon.core.values import Values
from osteon.core.wording.faults import fault_words, without_got


class OsteonError(Exception):
    """Base of all errors that a user can cause and mend.

    Args:
        problem: what is wrong, as one short clause without a full stop.
        expected: what would have been right.
        got: what came instead.
        hint: what the user can do about it.
    """

    def __init__(self, problem: str, *, expected: str = "", got: str = "", hint: str = "") -> None:
        self.problem = problem
        self.expected = expected
        self.got = got
        self.hint = hint
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        text = self.problem
        if self.expected:
            text += f"; expected {self.expected}"
        if self.got:
            text += f", got {self.got}" if self.expected else f"; got {self.got}"
        return f"{text}. {self.hint}" if self.hint else text


class InputError(OsteonError):
    """A file or study that cannot be read as a radiograph; its words follow from a code and values.

    Args:
        code: why, e.g. for counting.
        values: what the words need, see ``FaultCode``.
    """

    def __init__(self, code: FaultCode, values: Values | None = None) -> None:
        self.fault = Fault(code, dict(values or {}))
        words = fault_words(self.fault)
        super().__init__(words.problem, expected=words.expected, got=words.got, hint=words.hint)

    @property
    def code(self) -> FaultCode:
        """Why it cannot be read."""
        return self.fault.code

    @property
    def values(self) -> Values:
        """What the words need."""
        return self.fault.values

    def without_got(self) -> InputError:
        """The same error, without what came instead: that may quote the file or name a folder of this machine."""
        fault = without_got(self.fault)
        return InputError(fault.code, fault.values)

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors travel between processes."""
        return InputError, (self.code, dict(self.values))


class DataError(OsteonError):
    """A dataset, table or split that is not what it should be."""


class BundleError(OsteonError):
    """A bundle that is missing, altered, or made by a newer schema."""


class RecipeError(OsteonError):
    """A recipe, or a setting of a recipe, that does not exist or has a wrong type."""


class PeerError(OsteonError):
    """Another system that did not answer as its protocol says."""


class StoreError(OsteonError):
    """A store that cannot be opened or written."""
