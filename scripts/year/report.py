"""The year as a page with two pictures."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from osteon.core.estimate import Estimate
from osteon.html import parts
from osteon.html.numbers import number
from osteon.html.parts import DocumentSection

WORDS: Final = {"nothing": "nothing done", "random": "200 at random", "uncertain": "200 uncertain"}
FIGURES: Final = {"auroc": "AUROC", "sensitivity": "sensitivity at doubt", "specificity": "specificity at doubt"}
SETS: Final = {"children": "children before the other detector", "adults": "adults of before"}


def write_report(content: dict[str, Any], out: Path) -> None:
    """Write ``year.html``, ``year-watch.svg`` and ``year-arms.svg``."""
    watch, arms = _picture(_draw_watch, content), _picture(_draw_arms, content)
    (out / "year-watch.svg").write_bytes(watch)
    (out / "year-arms.svg").write_bytes(arms)
    sections = [
        DocumentSection(
            "The alarm", parts.joined(_alarm(content), _shown(watch, "Share of studies a week, three alarms."))
        ),
        DocumentSection(
            "Before and after",
            parts.joined(_figures(content), _shown(arms, "Figures with 95 % intervals over people.")),
        ),
        DocumentSection("Shadow", _shadow(content)),
        DocumentSection("May it read", _gate(content)),
        DocumentSection("Other seeds", _seeds(content)),
    ]
    page = parts.document(
        "A simulated year",
        sections,
        subtitle=f"SYNTHETIC. {content['command']}",
        lead="Phantoms, a made-up detector, readers who err.",
    )
    (out / "year.html").write_text(page, encoding="utf-8")


def _shown(picture: bytes, caption: str) -> str:
    return parts.picture(picture, "image/svg+xml", caption, caption)


def _alarm(content: dict[str, Any]) -> str:
    year = content["year"]
    intro = (
        f"On day {year['joins']} another site joins: {year['children_a_day']:g} children a day before another detector, beside "
        f"{year['adults_a_day']:g} adults. Without it, the same year has {content['alarms_without_the_site']} alarms."
    )
    rows = [
        parts.row(
            [
                parts.cell(one["stream"]),
                parts.cell(str(one["day"])),
                parts.cell(str(one["since"])),
                parts.cell(f"{one['before']:.0%}".replace("%", " %")),
                parts.cell(f"{one['after']:.0%}".replace("%", " %")),
            ]
        )
        for one in content["alarms"]
    ]
    head = ("studies with", "alarm on day", "since day", "before", "since then")
    return parts.joined(parts.paragraph(intro), parts.table(head, rows, caption="Alarms, the first first"))


def _figures(content: dict[str, Any]) -> str:
    return parts.joined(
        *(
            _table(content["sets"][name], f"{words}: {_counts(content['sets'][name]['nothing'])}")
            for name, words in SETS.items()
        )
    )


def _counts(one: dict[str, Any]) -> str:
    return f"{one['people']} people, {one['fractures']} with a fracture; never used for anything else"


def _table(arms: dict[str, Any], caption: str) -> str:
    rows = [
        parts.row(
            [
                parts.cell(words),
                *(
                    cell
                    for figure in FIGURES
                    for cell in (
                        parts.figure_cell(_estimate(arms[arm][figure]), stacked=True),
                        parts.figure_cell(
                            Estimate.model_validate(arms[arm][figure]["difference"]), signed=True, stacked=True
                        )
                        if arm != "nothing"
                        else parts.cell(""),
                    )
                ),
                parts.cell(number(arms[arm]["read"]["value"])),
            ]
        )
        for arm, words in WORDS.items()
    ]
    head = ("annotated", *(word for words in FIGURES.values() for word in (words, "change")), "read")
    return parts.table(head, rows, caption=caption)


def _estimate(one: dict[str, Any]) -> Estimate:
    return Estimate(value=one["value"], low=one["low"], high=one["high"], method="bootstrap over people", n=1)


def _shadow(content: dict[str, Any]) -> str:
    rows = [
        parts.row(
            [
                parts.cell(WORDS[arm]),
                parts.cell(str(one["shadow"]["judged"])),
                *(
                    parts.figure_cell(Estimate.model_validate(_difference(one["shadow"], figure)), signed=True)
                    for figure in FIGURES
                ),
            ]
        )
        for arm, one in content["arms"].items()
    ]
    weeks = content["shadow"]
    words = (
        f"A server read {weeks['studies']} children of the next weeks, and both candidates beside; what simulated readers say "
        f"stands for the truth. It was killed {weeks['kills']} times meanwhile: {weeks['lost']} studies were lost, "
        f"{weeks['read_twice']} read twice."
    )
    head = ("annotated", "children", *FIGURES.values())
    return parts.joined(parts.paragraph(words), parts.table(head, rows, caption="Shadow minus live"))


def _difference(shadow: dict[str, Any], figure: str) -> dict[str, Any]:
    return next(one["difference"] for one in shadow["figures"] if one["figure"] == figure)


def _gate(content: dict[str, Any]) -> str:
    made: list[str] = []
    for arm, one in content["arms"].items():
        made.append(parts.heading(WORDS[arm]))
        wrong = (
            f"{one['wrong_labels']} of {content['readers']['annotated']} labels wrong, {one['fractures']} fractures."
        )
        made.append(parts.paragraph(f"{wrong} {one['held']} of {one['required']} requirements hold."))
        made.append(parts.bullets(one["failed"]))
        made.append(parts.paragraph(_outcome(one)))
    made += _followed(content)
    return parts.joined(*made)


def _outcome(one: dict[str, Any]) -> str:
    if one["promoted"]:
        return "Promoted."
    if one["held"] == one["required"]:
        return "It might read; the other one called more studies as readers do in shadow, and was promoted."
    return "Refused."


def _followed(content: dict[str, Any]) -> list[str]:
    if "promotion" not in content:
        return []
    one = content["promotion"]
    seconds = one["seconds_until_followed"]
    return [
        parts.heading("Promoted, and taken back"),
        parts.paragraph(
            f"{one['kills']} promotions were killed, {one['written_before_the_kill']} of them after they were written; a bundle "
            f"read after each. The running server followed a promotion after {seconds['promote']:.1f} s and its rollback after "
            f"{seconds['rollback']:.1f} s."
        ),
    ]


def _seeds(content: dict[str, Any]) -> str:
    found = content["seeds"]
    rows = [
        parts.row(
            [
                parts.cell(f"{who}, {words}"),
                *(parts.cell(_apart_words(found[f"{who}.{arm}.{figure}"])) for figure in FIGURES),
            ]
        )
        for who in SETS
        for arm, words in WORDS.items()
    ]
    each = [
        f"Seed {one['seed']}: first alarm on day {one['first_alarm']}, {one['alarms_without_the_site']} alarms without the site; "
        f"{one['uncertain.held']} of {one['required']} requirements held for uncertain studies, {one['random.held']} for random "
        f"ones; promoted: {one['promoted'] or 'neither'}."
        for one in found["years"]
    ]
    caption = f"Mean (least to greatest) over {len(found['years'])} seeds"
    return parts.joined(parts.table(("network", *FIGURES.values()), rows, caption=caption), parts.bullets(each))


def _apart_words(one: dict[str, float]) -> str:
    return f"{number(one['value'])} ({number(one['low'])} to {number(one['high'])})"


def _picture(draw: Callable[[Any, dict[str, Any]], None], content: dict[str, Any]) -> bytes:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "osteon"
    from matplotlib import pyplot as plt

    figure = plt.figure(figsize=(8, 3.6), layout="constrained")
    draw(figure, content)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return buffer.getvalue()


def _draw_watch(figure: Any, content: dict[str, Any]) -> None:
    axes = figure.add_subplot()
    for number_, one in enumerate(_apart(content["weeks"])):
        shares = one["shares"]
        days = [7 * week + 3.5 for week in range(len(shares))]
        axes.plot(
            days,
            [float("nan") if share is None else share for share in shares],
            color=f"C{number_}",
            label=one["stream"],
        )
        axes.plot(one["day"], 0.02 + 0.03 * number_, "v", color=f"C{number_}")
    lines = (
        (content["year"]["joins"], "site joins"),
        (content["annotated_day"], "200 annotated"),
        (content["decided_day"], "decision"),
    )
    for day, words in lines:
        axes.axvline(day, color="0.5", linewidth=0.8, linestyle="--")
        axes.text(day - 8, 0.97, words, fontsize=8, va="top", rotation=90, color="0.3")
    axes.set(xlabel="day of the year", ylabel="share of studies a week", ylim=(0, 1), xlim=(0, content["year"]["days"]))
    axes.legend(fontsize=8, loc="upper right", title="studies with (triangle: day of the alarm)", title_fontsize=8)


def _apart(weeks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first alarm of each of the first three days that have one: those of one day often are the same studies."""
    return list({one["day"]: one for one in reversed(weeks)}.values())[::-1][:3]


def _draw_arms(figure: Any, content: dict[str, Any]) -> None:
    axes = figure.subplots(1, 2, sharey=True)
    for axis, (name, words) in zip(axes, SETS.items(), strict=True):
        for place, (arm, label) in enumerate(WORDS.items()):
            values = [content["sets"][name][arm][figure_] for figure_ in FIGURES]
            at = [index + (place - 1) * 0.22 for index in range(len(FIGURES))]
            ends = [[one["value"] - one["low"] for one in values], [one["high"] - one["value"] for one in values]]
            axis.errorbar(at, [one["value"] for one in values], yerr=ends, fmt="o", capsize=3, label=label)
        axis.set_xticks(range(len(FIGURES)), FIGURES.values(), fontsize=8)
        axis.set_title(words, fontsize=10)
        axis.set_ylim(0, 1.02)
        axis.grid(axis="y", alpha=0.3)
    axes[0].legend(fontsize=8, loc="lower left")
