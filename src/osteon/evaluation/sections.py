"""What a model card says beyond the headline: subgroups, what was refused, known failures. Markdown, by heading."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from osteon.bundle.manifest import Figure
from osteon.evaluation.failures import worst
from osteon.evaluation.result import Evaluation
from osteon.evaluation.subgroups import SMALL


def card_sections(evaluation: Evaluation) -> dict[str, str]:
    """Sections for the card of a bundle, in their order."""
    sections = {"Subgroups": _subgroups(evaluation), "Refused": _refused(evaluation)}
    failures = _failures(evaluation)
    return sections | ({"Known failures": failures} if failures else {})


def _figure(figure: Figure | None) -> str:
    return "–" if figure is None else f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"


def _subgroups(evaluation: Evaluation) -> str:
    if not evaluation.groups:
        return "The test data state nothing that would make subgroups."
    columns = [f"{point}.{share}" for point in evaluation.points for share in ("sensitivity", "specificity")]
    head = ["group", "n", "positive", "AUROC", *(column.replace(".", ": ") for column in columns)]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for group in evaluation.groups:
        name = f"{group.attribute.replace('_', ' ')}: {group.value}" + (" *" if group.warning else "")
        cells = [name, f"{group.n:,}", f"{group.positives:,}", _figure(group.figures.get("auroc"))]
        cells += [_figure(group.figures.get(column)) for column in columns]
        lines.append(f"| {' | '.join(cells)} |")
    notes = ["", f"95 % percentile cluster bootstrap, {evaluation.settings.resamples:,} resamples."]
    if any(group.warning for group in evaluation.groups):
        notes.append(f"\\* Fewer than {SMALL} positive or negative cases: do not lean on this group's figures.")
    return "\n".join(lines + notes)


def _refused(evaluation: Evaluation) -> str:
    table = evaluation.predictions
    total, without = len(table), int((~table.read).sum())
    if not without:
        return f"All {total:,} test images were read; none was refused."
    refused, failed = ([word for word in table.attributes.get(name, ()) if word] for name in ("refused", "failed"))
    lines = [f"{without:,} of {total:,} test images got no probability; the figures above are of the others.", ""]
    lines += [f"- refused, {count:,}: {reason}" for reason, count in Counter(map(str, refused)).most_common()]
    lines += [f"- not readable, {count:,}: {reason}" for reason, count in Counter(map(str, failed)).most_common()]
    return "\n".join(lines)


def _failures(evaluation: Evaluation) -> str:
    table = evaluation.predictions.complete()
    found = worst(table, {name: point.threshold for name, point in evaluation.points.items()})
    if not found:
        return ""
    intro = "Fractures that were missed with the lowest probability, and sound films called with the highest:"
    lines = [
        f"- {failure.kind}: `{Path(str(table.image[failure.row])).name}`, probability {failure.probability:.3f}"
        for failure in found
    ]
    return "\n".join([intro, "", *lines])
