"""What a model card says beyond the headline: subgroups, what was refused, known failures. Markdown, by heading."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from osteon.bundle.archive import CARD, Bundle, write_bundle
from osteon.bundle.card import own_sections, render_card
from osteon.bundle.manifest import Manifest
from osteon.core.estimate import Estimate
from osteon.evaluation.binary.subgroups import SMALL
from osteon.evaluation.inference.failures import worst
from osteon.evaluation.predictions.refused import counted, failed, refused
from osteon.evaluation.report.checklist import checklist
from osteon.evaluation.report.result import Evaluation

CHECKLIST: Final = "Reporting checklist"


def card_sections(evaluation: Evaluation, manifest: Manifest | None = None) -> dict[str, str]:
    """Sections for the card of a bundle, in their order; with its manifest also the reporting checklist."""
    sections = {one.title: one.card for one in evaluation.sections if one.card}
    sections |= {"Subgroups": _subgroups(evaluation), "Refused": _refused(evaluation)}
    failures = _failures(evaluation) if evaluation.binary else ""
    if failures:
        sections["Known failures"] = failures
    if manifest is not None:
        sections[CHECKLIST] = _checklist(checklist(manifest, evaluation))
    return sections


def carded(bundle: Bundle, evaluation: Evaluation) -> tuple[Manifest, str]:
    """Manifest and card of a bundle with the figures of an evaluation.

    What the old card says beside figures (limits, how to make them again) is kept.
    """
    # The card states the thresholds of the bundle's own points; figures at others would hang in the air.
    points = tuple(f"classification.{name}." for name in ("doubt", "definite"))
    others = tuple(f"classification.{name}." for name in evaluation.points if f"classification.{name}." not in points)
    figures = {name: one for name, one in evaluation.headline.items() if not name.startswith(others or ("/",))}
    manifest = bundle.manifest.model_copy(update={"figures": figures})
    sections = card_sections(evaluation, manifest)
    kept = {name: words for name, words in own_sections(bundle.card).items() if name not in sections}
    checked = sections.pop(CHECKLIST)
    return manifest, render_card(manifest, sections | kept | {CHECKLIST: checked})


def write_card(bundle: Bundle, evaluation: Evaluation, path: Path) -> Bundle:
    """Write the card as Markdown, or, to a file ``NAME.osteon``, the bundle with its figures and card renewed.

    Returns:
        The bundle that was written; the given one where it was Markdown.

    Raises:
        OSError: the file cannot be written.
    """
    manifest, card = carded(bundle, evaluation)
    if path.suffix == ".osteon":
        return write_bundle(path, manifest, {**bundle.parts, CARD: card.encode()})
    path.write_text(card, encoding="utf-8")
    return bundle


def _checklist(items: Sequence[tuple[str, str]]) -> str:
    """Topics of CLAIM and TRIPOD+AI, each filled or not."""
    done = sum(bool(where) for _, where in items)
    lines = [f"Topics of CLAIM 2024 and TRIPOD+AI: {done} of {len(items)} are answered by this card or its report.", ""]
    lines += [f"- [{'x' if where else ' '}] {topic}{f': {where}' if where else ''}" for topic, where in items]
    return "\n".join(lines)


def _figure(figure: Estimate | None) -> str:
    return "–" if figure is None else f"{figure.value:.3f} ({figure.between})"


def _subgroups(evaluation: Evaluation) -> str:
    if not evaluation.groups:
        return "The test data state nothing that would make subgroups."
    columns = [f"{point}.{share}" for point in list(evaluation.points)[:2] for share in ("sensitivity", "specificity")]
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
    lines = [f"{without:,} of {total:,} test images got no probability; the figures above are of the others.", ""]
    for causes, word in ((refused(table), "refused"), (failed(table), "not readable")):
        lines += [f"- {word}, {len(rows):,}: {cause.heading}" for cause, rows in counted(causes).items()]
    return "\n".join(lines)


def _failures(evaluation: Evaluation) -> str:
    table = evaluation.predictions.complete()
    found = worst(table, {name: point.threshold for name, point in evaluation.points.items()})
    if not found:
        return ""
    intro = "Positive images that were missed with the lowest probability, and negative ones called with the highest:"
    lines = [
        f"- {failure.kind}: `{Path(str(table.image[failure.row])).name}`, probability {failure.probability:.3f}"
        for failure in found
    ]
    return "\n".join([intro, "", *lines])
