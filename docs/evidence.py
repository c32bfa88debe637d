"""Tables of what was measured of the shipped network, from the figures of one evaluation: nobody types a number.

``docs/evidence/fracatlas.json`` is the ``figures.json`` of the command that the page names, as it was written;
``docs/evidence/classifier.json`` that of the classifier of 1.3.0 alone, whose maps were measured;
``docs/evidence/intervals.json`` holds figures of 1.3.0 with the intervals over two kinds of groups.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

FIGURES: Final = Path(__file__).parent / "evidence" / "fracatlas.json"
CLASSIFIER: Final = FIGURES.with_name("classifier.json")
INTERVALS: Final = FIGURES.with_name("intervals.json")
CURVE: Final = FIGURES.with_name("detector-curve.csv")

Figures = dict[str, dict[str, Any]]

_LEVELS: Final = (
    ("as they are", "none"),
    ("rotation 10°", "rotation.10"),
    ("rotation 45°", "rotation.45"),
    ("rotation 90°", "rotation.90"),
    ("rotation 180°", "rotation.180"),
    ("blur 0.2 %", "blur.0.2"),
    ("blur 0.8 %", "blur.0.8"),
    ("noise, 1,000 photons", "noise.1000"),
    ("noise, 100 photons", "noise.100"),
    ("JPEG quality 75", "jpeg.75"),
    ("JPEG quality 50", "jpeg.50"),
    ("JPEG quality 30", "jpeg.30"),
    ("JPEG quality 15", "jpeg.15"),
    ("dose × 1/4", "exposure.-2"),
    ("dose × 4", "exposure.2"),
    ("longer side 256 px", "scale.256"),
    ("longer side 192 px", "scale.192"),
    ("inversion", "inversion.1"),
    ("mirrored", "mirror.1"),
    ("width × 0.8", "squeeze.0.8"),
    ("width × 0.9", "squeeze.0.9"),
    ("width × 1.1", "squeeze.1.1"),
    ("width × 1.25", "squeeze.1.25"),
    ("grey values to the power 0.5", "tone.0.5"),
    ("grey values to the power 2", "tone.2"),
)
_PROBES: Final = (
    ("outer 5 % masked", "border.5"),
    ("outer 10 % masked", "border.10"),
    ("outer 15 % masked", "border.15"),
    ("markers painted over", "no_marker.1"),
    ("L painted, 5 % high", "marker_l.5"),
    ("L painted, 10 % high", "marker_l.10"),
    ("R painted, 5 % high", "marker_r.5"),
    ("R painted, 10 % high", "marker_r.10"),
)
_BOXES: Final = (
    ("mAP, IoU 0.5", "map50"),
    ("mAP, IoU 0.5 to 0.95", "map"),
    ("sensitivity, mean over the rates of FROC", "froc"),
    ("precision of shown boxes", "precision"),
    ("recall of shown boxes", "recall"),
)
_IMAGES: Final = (
    ("all with boxes", ""),
    ("called *fracture*", "call.fracture."),
    ("called *doubt*", "call.doubt."),
    ("called *no fracture*", "call.no_fracture."),
    ("small boxes", "box.small."),
    ("middle boxes", "box.middle."),
    ("large boxes", "box.large."),
)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(row) + " |" for row in (head, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])


def short(figures: Figures, name: str) -> str:
    """The value alone, or nothing where it was not measured."""
    return f"{figures[name]['value']:.3f}".replace("-", "−") if name in figures else ""


def full(figures: Figures, name: str) -> str:
    """The value with its interval."""
    if name not in figures:
        return ""
    one = figures[name]
    if one["low"] is None:
        return short(figures, name)
    return f"{one['value']:.3f} ({one['low']:.3f} to {one['high']:.3f})".replace("-", "−")


def share(figures: Figures, name: str) -> str:
    """A share in per cent."""
    return f"{100 * figures[name]['value']:.1f} %" if name in figures else ""


def robustness(figures: Figures) -> str:
    """Every change that the page names."""
    head = ("change", "AUROC", "specificity at *doubt*", "sensitivity at *definite*", "abstained", "calls changed")
    rows = [
        (
            label,
            full(figures, f"robustness.{level}.auroc") or "none is read",
            short(figures, f"robustness.{level}.doubt.specificity"),
            short(figures, f"robustness.{level}.definite.sensitivity"),
            share(figures, f"robustness.{level}.abstained"),
            share(figures, f"robustness.{level}.flipped"),
        )
        for label, level in _LEVELS
    ]
    return table(head, rows)


def probes(figures: Figures) -> str:
    """The shortcut probe."""
    rows = [
        (
            label,
            full(figures, f"robustness.{level}.auroc"),
            full(figures, f"robustness.{level}.flipped"),
            str(figures[f"robustness.{level}.flipped"]["n"]),
        )
        for label, level in _PROBES
    ]
    return table(("shortcut probe", "AUROC", "share of calls changed", "images changed"), rows)


def abstention(figures: Figures) -> str:
    """What handing over the least certain images would gain."""
    rows = [
        (label, full(figures, f"abstention.risk_at.{kept}"))
        for label, kept in (("all", "1"), ("95 %", "0.95"), ("90 %", "0.9"), ("80 %", "0.8"), ("50 %", "0.5"))
    ]
    areas = [
        ("area under the curve", full(figures, "abstention.aurc")),
        ("of it above the least possible", full(figures, "abstention.excess_aurc")),
        ("share of images read", full(figures, "abstention.coverage")),
    ]
    return table(("kept, the most certain", "wrong calls"), rows) + "\n\n" + table(("figure", "value"), areas)


def pointing(figures: Figures) -> str:
    """Pointing game and energy, by call and by size of the boxes."""
    head = ("images", "n", "in a box", "chance", "in or near a box", "chance", "energy inside", "even map")
    rows = [
        (
            label,
            str(figures[f"explanation.{group}pointing.hit"]["n"]),
            full(figures, f"explanation.{group}pointing.hit"),
            short(figures, f"explanation.{group}pointing.chance"),
            full(figures, f"explanation.{group}pointing.hit_near"),
            short(figures, f"explanation.{group}pointing.chance_near"),
            full(figures, f"explanation.{group}energy.inside"),
            short(figures, f"explanation.{group}energy.chance"),
        )
        for label, group in _IMAGES
        if f"explanation.{group}pointing.hit" in figures
    ]
    centre = full(figures, "explanation.pointing.centre")
    return table(head, rows) + f"\n\nThe middle of the image lies in a box in {centre} of the images."


def deletion(figures: Figures) -> str:
    """Deletion and insertion beside orders that know nothing."""
    head = ("", "by the map", "cells shuffled", "from the middle", "gain over shuffled", "gain over the middle")
    what = (("deletion (lower is better)", "deletion"), ("insertion (higher is better)", "insertion"))
    columns = ("map", "shuffled", "centre", "gain_over_shuffled", "gain_over_centre")
    rows = [(label, *(full(figures, f"explanation.{name}.{column}") for column in columns)) for label, name in what]
    return table(head, rows)


def sanity(figures: Figures) -> str:
    """Likeness of maps of shuffled networks to the trained ones."""
    start = "explanation.randomised."
    levels = list(dict.fromkeys(name.removeprefix(start).split(".")[0] for name in figures if name.startswith(start)))
    rows = [
        (
            "none: trained maps of two images" if level == "unrelated" else level,
            full(figures, f"{start}{level}.rank"),
            full(figures, f"{start}{level}.ssim"),
        )
        for level in levels
    ]
    return table(("layers shuffled", "rank correlation", "SSIM"), rows)


def answers(paper: Path) -> str:
    """What one paper's budget answered, as ``osteon reproduce`` wrote it into ``report.json``."""
    report = json.loads(paper.read_text(encoding="utf-8"))
    mark = "**SYNTHETIC.** " if report["simulated"] else ""
    rows: list[tuple[str, ...]] = []
    for one in report["comparisons"]:
        question = f"{one['question']} *{one['verdict']}*"
        for figure in one["figures"]:
            values, test = figure["difference"], figure["test"]
            signed = f"{values['value']:+.3f}"
            if values["low"] is not None:
                signed += f" ({values['low']:+.3f} to {values['high']:+.3f})"
            signed = signed.replace("-", "−")
            rows.append(
                (
                    question,
                    f"{one['first']} less {one['best']}, {figure['figure']}",
                    f"{figure['first']:.3f}, {figure['second']:.3f}",
                    signed,
                    "" if test is None else f"{test['holm']:.3f}",
                )
            )
            question = ""
    intro = f"### `{report['command']}`\n\n{mark}{report['data'][:1].upper()}{report['data'][1:]}.\n\n"
    head = ("question", "figure", "both", "difference, 95 % interval", "p, after Holm")
    ours = [
        (entry["variant"], entry["metric"], _ours(entry["ours"]), str(entry["ours"]["n"]))
        for made in report["tables"]
        for entry in made["entries"]
        if entry["ours"] is not None
    ]
    ours = list(dict.fromkeys(ours))
    return intro + table(head, rows) + "\n\n" + table(("network", "figure", "value", "n"), ours)


def _ours(figure: dict[str, Any]) -> str:
    if figure.get("sd") is not None:
        return f"{figure['value']:.3f} ± {figure['sd']:.3f} ({figure['seeds']} seeds)"
    if figure["low"] is None:
        return f"{figure['value']:.3f} (no interval)"
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"


def reproduced(folder: Path) -> str:
    """All papers whose report lies in ``evidence/reproduce``, without those of whole tables."""
    return "\n\n".join(answers(path) for path in sorted(folder.glob("*.json")) if not path.stem.endswith("-table"))


_COLUMNS: Final = (
    ("accuracy", "classes.accuracy"),
    ("precision", "classes.macro.precision"),
    ("recall", "classes.macro.recall"),
    ("F1", "classes.macro.f1_of_means"),
)


def whole_table(path: Path) -> str:
    """Every row of a paper's table: the paper's accuracy, and our figures as mean and standard deviation over the seeds."""
    report = json.loads(path.read_text(encoding="utf-8"))
    entries = {(one["variant"], one["metric"]): one for made in report["tables"] for one in made["entries"]}
    rows: list[tuple[str, ...]] = []
    for name in dict.fromkeys(variant for variant, _ in entries):
        first = entries[name, _COLUMNS[0][1]]
        if first["paper"] is None:
            continue
        ours = [entries[name, metric]["ours"] for _, metric in _COLUMNS]
        seeds, images = ("0", "") if ours[0] is None else (str(ours[0]["seeds"]), str(ours[0]["n"]))
        reason = first["why_not"] or "undefined"
        shown = [(reason if i == 0 else "–") if one is None else _spread(one) for i, one in enumerate(ours)]
        rows.append((name, f"{first['paper']:.4f} ± {first['paper_sd']:.4f}", *shown, seeds, images))
    missing = [row[0] for row in rows if row[-2] != "5"]
    lead = f"**SYNTHETIC.** {report['data'][:1].upper()}{report['data'][1:]}.\n\n```\n{report['command']}\n```\n\n"
    state = f"Not all five seeds are there of: {', '.join(missing)}. The same command goes on.\n\n" if missing else ""
    head = ("network", "accuracy, the paper", *(f"{title}, ours" for title, _ in _COLUMNS), "seeds", "cases")
    return lead + state + table(head, rows)


def _spread(figure: dict[str, Any]) -> str:
    return f"{figure['value']:.3f} ± {figure['sd']:.3f}" if figure.get("sd") is not None else f"{figure['value']:.3f}"


_TRAINED: Final = (
    ("FractuVision, ResNet + perceptron", None, "the paper's Table 1, where the majority class has 0.707"),
    ("ResNet18 that learnt without labels, and a perceptron", "resnet_mlp", ""),
    ("MobileNetV2, two phases", "mobilenet", ""),
    ("MobileNetV2, shown where the fractures are: `fracatlas`", "fracatlas", ""),
)


def fracatlas_table(folder: Path) -> str:
    """Networks trained on FracAtlas beside each other, from the figures of their evaluations."""
    rows: list[tuple[str, ...]] = []
    for name, stem, words in _TRAINED:
        if stem is None:
            rows.append((name, "0.665", "", "", "", words))
            continue
        about = json.loads((folder / f"{stem}.json").read_text(encoding="utf-8"))
        figures = about["figures"]
        values = [
            full(figures, f"classification.{figure}")
            for figure in ("youden.accuracy", "youden.balanced_accuracy", "auroc", "average_precision")
        ]
        rows.append((name, *values, str(figures["classification.auroc"]["n"])))
    head = ("network", "accuracy at Youden's point", "balanced accuracy there", "AUROC", "average precision", "n")
    commands = [
        "\n".join(json.loads((folder / f"{stem}.json").read_text(encoding="utf-8"))["commands"])
        for _, stem, _ in _TRAINED
        if stem is not None
    ]
    return table(head, rows) + "\n\n" + "\n\n".join(f"```\n{one}\n```" for one in commands)


def detection(figures: Figures) -> str:
    """Boxes of the shipped detector, with normal images counted and without."""
    rows = [
        (
            label,
            full(figures, f"detection.{name}"),
            full(figures, f"detection.marked.{name}"),
        )
        for label, name in _BOXES
    ]
    return table(("figure", "all images", "images with a fracture only"), rows)


def fusion(figures: Figures) -> str:
    """What the decision rule and the mixture change."""
    rows = [
        (label, *(full(figures, f"fusion.{part}.{name}") for part in ("detector", "rule", "change")))
        for label, name in _BOXES
    ]
    images = [
        (
            label,
            *(full(figures, f"fusion.image.{part}.{name}") for part in ("classifier", "detector", "mixed", "change")),
        )
        for label, name in (("AUROC", "auroc"), ("average precision", "average_precision"))
    ]
    return (
        table(("figure", "detector alone", "with the rule", "difference"), rows)
        + "\n\n"
        + table(("of images", "classifier alone", "best box alone", "both", "both less classifier"), images)
    )


_RESAMPLED: Final = (
    ("AUROC", "classification.auroc"),
    ("average precision", "classification.average_precision"),
    ("sensitivity at *doubt*", "classification.doubt.sensitivity"),
    ("specificity at *doubt*", "classification.doubt.specificity"),
    ("sensitivity at *definite*", "classification.definite.sensitivity"),
    ("specificity at *definite*", "classification.definite.specificity"),
    ("mAP50 of boxes", "detection.map50"),
    ("recall of boxes", "detection.recall"),
    ("AUROC, both networks less classifier", "fusion.image.change.auroc"),
)


def intervals(figures: Figures) -> str:
    """The same answers with intervals over near-duplicates, and over near-duplicates and runs of image numbers."""
    rows: list[tuple[str, ...]] = []
    for label, name in _RESAMPLED:
        apart, together = (figures[f"{groups}/{name}"] for groups in ("cluster", "cluster+run"))
        wider = (together["high"] - together["low"]) / (apart["high"] - apart["low"])
        both = [full(figures, f"{groups}/{name}") for groups in ("cluster", "cluster+run")]
        rows.append((label, *both, f"{wider:.2f}"))
    return table(("figure", "near-duplicates", "near-duplicates and runs", "width, as a multiple"), rows)


_DETECTORS: Final = (
    ("`point`", "point"),
    ("Faster R-CNN", "faster_rcnn"),
    ("EfficientDet-D0", "efficientdet_d0"),
    ("RetinaNet", "retinanet"),
    ("Sparse R-CNN", "sparse_rcnn"),
)
_LESIONS: Final = (
    ("disc space narrowing", "disc_space_narrowing"),
    ("foraminal stenosis", "foraminal_stenosis"),
    ("osteophytes", "osteophytes"),
    ("spondylolysthesis", "spondylolysthesis"),
    ("surgical implant", "surgical_implant"),
    ("vertebral collapse", "vertebral_collapse"),
    ("other lesions", "other_lesions"),
)


def phantom_detectors(paper: Path) -> str:
    """Five detectors on phantoms: mean average precision, and that of each kind of lesion, all at an IoU of 0.5."""
    report = json.loads(paper.read_text(encoding="utf-8"))
    found = {(one["variant"], one["metric"]): one["ours"] for made in report["tables"] for one in made["entries"]}
    rows: list[tuple[str, ...]] = []
    for label, name in _DETECTORS:
        each = [found.get((name, f"detection.ap50.{lesion}")) for _, lesion in _LESIONS]
        alone = ["none" if one is None else f"{one['value']:.3f}" for one in each]
        rows.append((label, _ours(found[name, "detection.map50"]), *alone))
    return table(("detector", "mAP50", *(lesion for lesion, _ in _LESIONS)), rows)


def curve(path: Path) -> str:
    """Figures of the validation part after each epoch of the detector."""
    rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    return table(rows[0], [tuple(row) for row in rows[1:]])


PARTS: Final[tuple[Callable[[Figures], str], ...]] = (
    abstention, detection, fusion, robustness, probes,
)  # fmt: skip
OF_CLASSIFIER: Final[tuple[Callable[[Figures], str], ...]] = (pointing, deletion, sanity)


def generate(folder: Path) -> None:
    """Write the tables, a file each, for the pages to include."""
    folder.mkdir(parents=True, exist_ok=True)
    for source, parts in ((FIGURES, PARTS), (CLASSIFIER, OF_CLASSIFIER)):
        figures = json.loads(source.read_text(encoding="utf-8"))
        for part in parts:
            (folder / f"{part.__name__}.md").write_text(part(figures) + "\n", encoding="utf-8")
    resampled = json.loads(INTERVALS.read_text(encoding="utf-8"))
    (folder / "intervals.md").write_text(intervals(resampled) + "\n", encoding="utf-8")
    (folder / "curve.md").write_text(curve(CURVE) + "\n", encoding="utf-8")
    (folder / "fracatlas_table.md").write_text(fracatlas_table(FIGURES.parent / "trained") + "\n", encoding="utf-8")
    spine = FIGURES.parent / "reproduce" / "vindr_spinexr.json"
    (folder / "phantom_detectors.md").write_text(phantom_detectors(spine) + "\n", encoding="utf-8")
    whole = FIGURES.parent / "reproduce" / "pediurf-table.json"
    (folder / "pediurf_table.md").write_text(whole_table(whole) + "\n", encoding="utf-8")
    (folder / "reproduced.md").write_text(reproduced(FIGURES.parent / "reproduce") + "\n", encoding="utf-8")
