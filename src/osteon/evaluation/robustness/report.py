"""What the report says of corrupted images: a table, and curves over severity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from osteon.core.estimate import Estimate
from osteon.evaluation.html.section import Plot, Section
from osteon.evaluation.robustness.corruptions import Corruption
from osteon.evaluation.robustness.plots import flips_plot, severity_plot
from osteon.html.parts import box, cell, figure_cell, heading_row, paragraph, row, table


def robustness_section(
    figures: Mapping[str, Estimate], corruptions: Sequence[Corruption], images: int, positives: int
) -> Section:
    """The section on corrupted images.

    Args:
        figures: of all conditions.
        corruptions: that were applied.
        images: number of corrupted images.
        positives: how many of them are positive.
    """
    plots = {
        f"robustness_{one.name}": Plot(severity_plot(figures, one), f"{one.title}: {one.words}.")
        for one in corruptions
        if not one.probe and len(one.levels) > 1
    }
    probes = [one for one in corruptions if one.probe]
    if probes:
        plots["robustness_probes"] = Plot(
            flips_plot(figures, probes),
            "Share of the changed images whose call becomes another, though the bone is the same (as far as a masked "
            "border hides none); 95 % intervals.",
        )
    intro = (
        f"{images:,} images, {positives:,} of them positive, each read once more after every change. AUROC, sensitivity "
        "and specificity are of the images that were still read; the checks before inference decide which. Changed calls "
        "are those of the images that were read both times, among the three calls; changes of AUROC and of "
        "sensitivity are against the same images as they were."
    )
    return Section(
        title="Robustness",
        content=paragraph(intro),
        plots=plots,
        figures=figures,
        after=box(_table(figures, corruptions), "scroll") + _probe_words(probes),
        card=_card(figures, corruptions),
    )


def level_words(one: Corruption, level: float) -> str:
    """A level with its unit."""
    if len(one.levels) == 1 and not one.unit:
        return one.title.lower()
    if one.unit in ("quality", "power"):
        return f"{one.unit} {level:g}"
    sign = "+" if min(one.levels) < 0 < level else ""
    return f"{sign}{level:,g} {one.unit}".replace("-", "\N{MINUS SIGN}").replace(" °", "°").strip()


def _table(figures: Mapping[str, Estimate], corruptions: Sequence[Corruption]) -> str:
    points = [f"{point}.{share}" for point in ("doubt", "definite") for share in ("sensitivity", "specificity")]
    lost = "definite.sensitivity_change"
    points.insert(points.index("definite.sensitivity") + 1, lost)
    names = ["change" if point == lost else point.replace(".", ": ") for point in points]
    head = ("", "AUROC", "change", *names, "abstained", "calls changed")
    keys = ("auroc", "auroc_change", *points)

    def line(words: str, prefix: str, name: str = "") -> str:
        cells = [
            figure_cell(figures.get(f"{prefix}.{key}"), signed=key.endswith("_change"), stacked=True) for key in keys
        ]
        cells += [_percent(figures.get(f"{prefix}.{key}")) for key in ("abstained", "flipped")]
        return row([cell(words, "group"), *cells], name)

    rows = [line("as they are", "robustness.none")]
    for one in corruptions:
        rows.append(heading_row(f"{one.title}: {one.words}", len(head)))
        rows += [line(level_words(one, level), f"robustness.{one.name}.{level:g}") for level in one.levels]
    return table(head, rows, caption="Figures after each change, and their change against the same images as they are")


def _percent(share: Estimate | None) -> str:
    """A cell with a share alone: its interval stands in ``figures.json``, the table is wide enough."""
    return cell("–" if share is None else f"{100 * share.value:.1f} %", "n")


def _probe_words(probes: Sequence[Corruption]) -> str:
    if not probes:
        return ""
    words = (
        "Borders, letters and markers are the shortcut probe: they say nothing of the bone. A masked border may hide "
        "bone, too, and the search for markers is a rough one: rings, screws and ends of bones may be among what it "
        "paints over; calls changed are counted among the images where it found something."
    )
    return paragraph(words)


def _card(figures: Mapping[str, Estimate], corruptions: Sequence[Corruption]) -> str:
    """One line for each corruption: its strongest level."""
    none = figures.get("robustness.none.auroc")
    if none is None:
        return ""
    lines = [
        f"AUROC of {none.n:,} images as they are: {none.value:.3f} ({none.between}).",
        "",
        "| corruption | levels | lowest AUROC | at | abstained, most | calls changed, most |",
        "|---|---|---|---|---|---|",
    ]
    for one in corruptions:
        by_key = {
            key: {level: figures.get(f"robustness.{one.name}.{level:g}.{key}") for level in one.levels}
            for key in ("auroc", "abstained", "flipped")
        }
        areas = {level: figure for level, figure in by_key["auroc"].items() if figure is not None}
        worst = min(areas, key=lambda level: areas[level].value, default=None)
        most = [
            max((figure.value for figure in by_key[key].values() if figure is not None), default=None)
            for key in ("abstained", "flipped")
        ]
        shown = "–" if worst is None else f"{areas[worst].value:.3f} ({areas[worst].between})"
        at = "–" if worst is None else level_words(one, worst)
        shares = ["–" if share is None else f"{100 * share:.0f} %" for share in most]
        levels = ", ".join(f"{level:g}" for level in one.levels) + (f" {one.unit}" if one.unit else "")
        lines.append(f"| {one.title} | {levels} | {shown} | {at} | {' | '.join(shares)} |")
    return "\n".join(lines)
