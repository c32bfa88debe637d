"""The report of a watch as an HTML page for people who know no statistics."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from osteon.core.codes.drift import Advice, WatchedField
from osteon.core.estimate import Estimate
from osteon.core.wording.monitoring import (
    ADVICE,
    FIELD_WORDS,
    QUIET,
    certainty_words,
    hotelling_words,
    percent,
    reference_words,
    stream_words,
)
from osteon.html import parts
from osteon.html.parts import DocumentSection
from osteon.monitoring.report.chart import share_chart

_BY: Final = {"site": "sender", "manufacturer": "manufacturer", "age_band": "age, years"}
_FIGURES: Final = {
    "sensitivity": "Fractures that are called",
    "specificity": "Studies without a fracture that are not called",
    "positive_predictive_value": "Calls that are right",
    "prevalence": "Studies with a fracture",
}

Content = Mapping[str, Any]


def page(content: Content) -> str:
    """The page of a report, see ``osteon.monitoring.report.content``."""
    reference = content["reference"]
    subtitle = (
        f"{content['studies']:,} studies from {content['first']} to {content['last']}, read by {content['bundle']}, compared "
        f"with {reference['studies']:,} studies: {compared_with(reference)}"
    )
    return parts.document(
        "Monitoring",
        [
            DocumentSection("What changed", _changes(content)),
            DocumentSection("What the network sees", _features(content.get("features"))),
            DocumentSection("Do readers agree", _agreement(content["agreement"])),
            DocumentSection("Estimated performance", _performance(content["estimated_performance"])),
            DocumentSection("Groups of studies", _subgroups(content["subgroups"])),
            DocumentSection("How this is decided", _method(content)),
        ],
        subtitle=subtitle,
    )


def compared_with(reference: Content) -> str:
    """What the studies of the reference are."""
    return reference_words(reference["data"], reference["first"], reference["last"])


def counted(alarm: Content) -> str:
    """Which studies an alarm is about, to stand behind ``studies with``."""
    return stream_words(alarm["field"], alarm["kind"], alarm["limit"], alarm["upper"], alarm["value"])


def headline(content: Content) -> str:
    """The result in a sentence."""
    alarms: list[Content] = content["alarms"]
    if not alarms:
        return QUIET
    fields = list(dict.fromkeys(FIELD_WORDS[WatchedField(alarm["field"])] for alarm in alarms))
    shown = ", ".join(fields[:4]) + (f" and {len(fields) - 4} more" if len(fields) > 4 else "")
    return f"Changed since about {min(alarm['since'] for alarm in alarms)}: {shown}."


def _changes(content: Content) -> str:
    if not content["alarms"]:
        return parts.paragraph(QUIET)
    advised: set[str] = set()
    made: list[str] = [parts.caution(headline(content))]
    for alarm in content["alarms"]:
        begin = (date.fromisoformat(alarm["since"]) - date.fromisoformat(content["first"])).days / 7
        before, after = Estimate(**alarm["before"]), Estimate(**alarm["after"])
        words = f"Studies with {counted(alarm)}: {percent(before.value)} before, {percent(after.value)} now"
        chart = share_chart(alarm["weeks"], before.value, begin, content["first"], content["last"])
        made += [
            parts.heading(words),
            parts.picture(
                chart, "image/svg+xml", "Share by week; shaded since the change; dashed: the reference", words
            ),
            parts.bullets(
                [
                    f"Since when: about {alarm['since']}; noticed on {alarm['day']}",
                    f"How much: {_range(before)} before, {_range(after)} since ({after.n:,} studies)",
                    f"How sure: {certainty_words(alarm['chance'])}",
                    *([] if alarm["advice"] in advised else [f"What to do: {ADVICE[Advice(alarm['advice'])]}"]),
                ]
            ),
        ]
        advised.add(alarm["advice"])
    return parts.joined(*made)


def _range(estimate: Estimate) -> str:
    if estimate.ends is None:
        return percent(estimate.value)
    low, high = estimate.ends
    return f"{percent(estimate.value)} (between {percent(low)} and {percent(high)})"


def _features(content: Content | None) -> str:
    if content is None:
        return ""
    first, second = content["studies"]
    if "hotelling" in content:
        return parts.paragraph(hotelling_words(first, second, content["hotelling"]["p"]))
    classifier, mmd = content["classifier"], content["mmd"]
    return parts.paragraph(
        f"The network's features of {first} images from before and of the latest {second}: a classifier tells them apart with an "
        f"AUROC of {classifier['statistic']:.3f} (0.5: not at all; p {classifier['p']:.3f}); maximum mean discrepancy: "
        f"p {mmd['p']:.3f}. These p are for a single look; looked at often, one of 20 is below 0.05 by chance."
    )


def _agreement(content: Content) -> str:
    if content["share"] is None:
        return parts.paragraph("No reader has answered yet: whether the bundle is right here is not measured.")
    share = Estimate(**content["share"])
    delay = content["median_delay_days"]
    rows = [
        parts.row(
            [parts.cell(row["call"]), parts.cell(str(row["agrees"]), "n"), parts.cell(str(row["disagrees"]), "n")]
        )
        for row in content["by_call"]
    ]
    return parts.joined(
        parts.paragraph(
            f"Readers agreed with {_range(share)} of the {content['answered']:,} studies that they answered, of "
            f"{content['studies']:,}. Half of the answers came within {delay:.1f} days. Who answers chooses which studies to "
            "answer, so that this is not the accuracy."
        ),
        parts.table(["call", "agree", "disagree"], rows, caption="Answers of readers by the bundle's call"),
    )


def _performance(content: Content) -> str:
    rows = [
        parts.row(
            [
                parts.cell(_FIGURES[name]),
                parts.cell(f"called {call}" if call == "fracture" else "called doubt or fracture"),
                parts.cell(_range(Estimate(**figure)), "n"),
            ]
        )
        for call, figures in content.items()
        for name, figure in (figures or {}).items()
        if not (name == "prevalence" and call == "fracture")
    ]
    if not rows:
        return ""
    return parts.joined(
        parts.paragraph(
            "An estimate, not a measurement. It assumes that the bundle's probabilities are calibrated (CBPE); where the images "
            "have changed, they may no longer be, without any sign of it."
        ),
        parts.table(
            ["figure", "at", "estimate"], rows, caption="Performance estimated from probabilities, without labels"
        ),
    )


def _subgroups(content: list[Content]) -> str:
    if not content:
        return ""
    rows = [
        parts.row(
            [
                parts.cell(_by(one["by"])),
                parts.cell(one["value"]),
                parts.cell(f"{one['studies']:,}", "n"),
                parts.cell(_range(Estimate(**one["called"])), "n"),
                parts.cell(percent(one["called_shrunk"]), "n"),
                parts.cell(
                    "too few answers" if one["agreement"] is None else _range(Estimate(**one["agreement"])), "n"
                ),
            ]
        )
        for one in content
    ]
    return parts.joined(
        parts.paragraph(
            "Small groups go up and down by chance: the last but one column shrinks them towards the share of all studies, the "
            "more, the smaller they are. No alarm is raised from this table."
        ),
        parts.table(
            ["by", "value", "studies", "called doubt or fracture", "shrunk to the mean", "readers agree"],
            rows,
            caption="Groups with enough studies",
            numbers=[False, False, True, True, True, True],
        ),
    )


def _by(field: str) -> str:
    return _BY.get(field) or FIELD_WORDS[WatchedField(field)]


def _method(content: Content) -> str:
    return parts.joined(
        parts.paragraph(
            f"{content['streams']} shares are watched, each against its share in the reference. A change counts from about "
            "5 percentage points on where the share is a half, and less where it is near 0 or 100 %"
            f" (tolerance {content['tolerance']:g}). In at most {content['level'] * 100:g} of 100 years in which nothing changes "
            f"would there be any alarm, even with a look every day; after {content['horizon']} days the watch starts again."
        ),
        parts.paragraph(
            "What is not watched cannot be seen to change, and an alarm says that something is different, not that the bundle is "
            "wrong. Without an alarm nothing is proved either: small changes and few studies go unnoticed for long."
        ),
    )
