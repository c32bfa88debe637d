"""The model card: ``MODEL_CARD.md``, made from the manifest so that it agrees with what inference does.

Its order follows Mitchell et al., *Model Cards for Model Reporting* (2019): use, data, figures, limits, provenance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from osteon.bundle.detector_card import calibration_words, detector_lines
from osteon.bundle.gate_card import gate_lines
from osteon.bundle.manifest import Manifest, TrainingData
from osteon.core.estimate import Estimate
from osteon.core.labels import BodyPart
from osteon.core.operating import OperatingPoint


def render_card(manifest: Manifest, sections: Mapping[str, str] | None = None) -> str:
    """Write the model card.

    Args:
        manifest: of the bundle; its ``files`` are not needed yet.
        sections: further sections by heading, Markdown, e.g. ``{"Known failures": "..."}``; they stand in their order
            before the provenance.

    Returns:
        Markdown that ends with a line break.
    """
    detector = manifest.detector
    extra = [_section(heading, [text.strip()]) for heading, text in (sections or {}).items()]
    return "\n".join(
        [
            f"# {manifest.name} {manifest.version}\n\n{manifest.summary}\n",
            _use(manifest),
            _data(manifest.training_data),
            _figures(manifest.figures),
            _operation(manifest),
            *([] if manifest.gate is None else [_section(GATE, gate_lines(manifest.gate))]),
            *([] if detector is None else [_section(DETECTOR, detector_lines(detector, manifest.fusion))]),
            *extra,
            _provenance(manifest),
        ]
    )


DETECTOR: Final = "Detector"
GATE: Final = "Gate"
STANDARD: Final = ("Use", "Data", "Figures", "Operating points and calibration", GATE, DETECTOR, "Provenance")
"""Sections that follow from the manifest."""


def own_sections(card: str) -> dict[str, str]:
    """The further sections of a card, by heading: those that do not follow from the manifest."""
    found: dict[str, str] = {}
    for part in card.split("\n## ")[1:]:
        heading, _, words = part.partition("\n")
        if heading.strip() not in STANDARD:
            found[heading.strip()] = words.strip()
    return found


def _section(heading: str, lines: Iterable[str]) -> str:
    """One section of second level."""
    return f"## {heading}\n\n" + "\n".join(lines) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table; pipes within cells are escaped."""
    body = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in (head, *rows)]
    return [body[0], "|" + "---|" * len(head), *body[1:]]


def _use(manifest: Manifest) -> str:
    """What it is for and who should keep away from it."""
    indication = manifest.indication
    everything = len(indication.body_parts) == len(BodyPart)
    parts = "any region" if everything else ", ".join(part.value for part in indication.body_parts)
    scope = (
        f"It reads radiographs of: {parts}; ages {indication.minimum_age:g} to {indication.maximum_age:g} years; "
        f"shorter side at least {indication.minimum_side} pixels. Other images are refused where the file, or whoever has it "
        "read, states so."
        + (
            ""
            if manifest.gate is None
            else " What looks like no such radiograph is refused by the gate, as far as it can tell."
        )
    )
    return _section(
        "Use",
        [
            f"**Intended use.** {indication.intended_use}",
            "",
            scope,
            "",
            "It is not a medical device, has no regulatory clearance, and is not for diagnosis.",
            "",
            "**Who should not use it, and for what.**",
            "",
            *(f"- {line}" for line in indication.not_for),
        ],
    )


def _data(sets: Sequence[TrainingData]) -> str:
    """What it was trained and measured on."""
    lines: list[str] = []
    for data in sets:
        lines += [f"**{data.name}**, {data.licence}. {data.citation}".rstrip(), ""]
        rows = [
            (split, f"{images:,}", f"{data.positives[split]:,}" if split in data.positives else "unknown")
            for split, images in data.images.items()
        ]
        lines += [*_table(("split", "images", "positive"), rows), ""]
        lines += [f"Split: {data.split} (SHA-256 of the split file: `{data.split_sha256}`)", ""]
    return _section("Data", lines[:-1] or ["Not stated."])


def _figures(figures: Mapping[str, Estimate]) -> str:
    """The figures on the test split, each with its interval."""
    if not figures:
        return _section("Figures", ["None was measured."])
    methods = list(dict.fromkeys(figure.method for figure in figures.values()))
    marks = {method: "" if len(methods) == 1 else f" ({index})" for index, method in enumerate(methods, 1)}
    rows = [
        (name, f"{figure.value:.3f}", f"{figure.between}{marks[figure.method]}", f"{figure.n:,}")
        for name, figure in figures.items()
    ]
    notes = [f"{marks[method].strip()} {method}".strip() for method in methods]
    return _section(
        "Figures",
        [
            (
                "Measured on the test part: no image of it was used in training, in choosing the epoch, for calibration or "
                "thresholds. Decisions between versions may have been made in view of earlier figures of the same part; the "
                "ledger of `osteon evaluate` counts them."
            ),
            "",
            *_table(("figure", "value", "interval", "n"), rows),
            "",
            "Intervals: " + "; ".join(notes) + ".",
        ],
    )


def _operation(manifest: Manifest) -> str:
    """Operating points, calibration, pooling and the heat map."""

    def row(call: str, point: OperatingPoint) -> tuple[str, ...]:
        return (
            call,
            f"{point.threshold:.4f}",
            point.rule,
            f"{point.sensitivity:.3f}",
            f"{point.specificity:.3f}",
        )

    points, graph = manifest.operating_points, manifest.graph
    source = "the log odds of the best box's confidence" if graph is None else "the logits"
    scaling = (
        f"Probabilities: {manifest.activation} of {source} after temperature scaling "
        f"({calibration_words(manifest.calibration)}), fitted on validation data."
    )
    maps = "It gives no heat map."
    if graph is not None and graph.maps:
        maps = f"The heat map is {graph.map_method}, given by the graph in the same pass."
    return _section(
        "Operating points and calibration",
        [
            "A study is called *fracture* at or above *definite*, *no fracture* below *doubt*, *doubt* between them."
            + _stands_for(manifest),
            "",
            *_table(
                ("point", "threshold", "rule", "sensitivity (validation)", "specificity (validation)"),
                [row("doubt", points.doubt), row("definite", points.definite)],
            ),
            "",
            scaling,
            "",
            f"Images of one study are pooled by their {manifest.pooling}. {maps}",
        ],
    )


def _stands_for(manifest: Manifest) -> str:
    """What the call means where the labels are others than its word."""
    labels = manifest.labels if manifest.detector is None else manifest.detector.labels
    positive = [label.name.replace("_", " ") for label in labels if label.positive]
    return (
        ""
        if positive == ["fracture"]
        else f" *fracture* is the word of the call and stands here for: {', '.join(positive)}."
    )


def _provenance(manifest: Manifest) -> str:
    """How it came to be, and the licence of the weights."""
    origin = manifest.provenance
    settings = ", ".join(f"`{key}={value}`" for key, value in origin.settings.items()) or "none changed"
    preprocessing = manifest.preprocessing
    rows = [
        ("created", manifest.created),
        ("recipe", f"{origin.recipe}; settings: {settings}"),
        ("seed, epoch", f"{origin.seed}, {origin.epoch}"),
        ("selected on", origin.selection),
        ("started from", origin.weights),
        (
            "input",
            f"{preprocessing.height} x {preprocessing.width}, {preprocessing.fit}, {preprocessing.channels} channel(s)"
            + ("" if preprocessing.crop is None else "; cropped to the limb"),
        ),
        ("PyTorch against ONNX Runtime", origin.parity),
        ("osteon", origin.osteon),
        ("libraries", ", ".join(f"{name} {version}" for name, version in origin.libraries.items())),
        ("licence of the weights", manifest.licence),
    ]
    return _section("Provenance", _table(("", ""), rows))
