"""Lines of a YAML or JSON file in which its values stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from osteon.clinic.annotation.schema.check import Place


class Lines:
    """Finds lines in the text of a file; JSON is read as the YAML that it nearly always is.

    Args:
        text: of the file, valid YAML or JSON.
    """

    def __init__(self, text: str) -> None:
        self._root = _composed(text)

    def of(self, place: Place) -> int | None:
        """The line, from 1, of a value, or of the nearest thing round it that is in the file; None where no line is known."""
        node = self._root
        if node is None:
            return None
        line = node.start_mark.line + 1
        for step in place:
            found = _child(node, step)
            if found is None:
                break
            node, line = found
        return line

    def twice(self) -> Iterator[tuple[Place, int]]:
        """Keys that an object has twice, with the line of the second: readers of YAML and JSON keep one in silence."""
        waiting: list[tuple[Place, Any]] = [] if self._root is None else [((), self._root)]
        done: set[int] = set()
        while waiting:
            place, node = waiting.pop()
            if id(node) in done:  # an alias may name a node again, even one that holds it
                continue
            done.add(id(node))
            if node.id == "sequence":
                waiting += [((*place, number), child) for number, child in enumerate(node.value)][::-1]
            elif node.id == "mapping":
                seen: set[str] = set()
                for key, value in node.value:
                    if str(key.value) in seen:
                        yield (*place, str(key.value)), key.start_mark.line + 1
                    seen.add(str(key.value))
                    waiting.append(((*place, str(key.value)), value))


def _child(node: Any, step: str | int) -> tuple[Any, int] | None:
    """A node below another one, and its line."""
    if node.id == "sequence" and isinstance(step, int) and step < len(node.value):
        child = node.value[step]
        return child, child.start_mark.line + 1
    if node.id == "mapping":
        for key, value in node.value:
            if key.value == step:
                return value, key.start_mark.line + 1
    return None


def _composed(text: str) -> Any:
    """The root of the tree of nodes; None where there is no PyYAML, or YAML cannot read the JSON."""
    try:
        import yaml
    except ModuleNotFoundError:
        return None
    try:
        # JSON may be indented by tabs, which YAML refuses; no string of JSON has one.
        return yaml.compose(text.replace("\t", " ") if text.lstrip().startswith("{") else text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return None
