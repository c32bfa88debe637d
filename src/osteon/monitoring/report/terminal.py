"""The report of a watch for a terminal of 80 columns."""

from __future__ import annotations

from textwrap import wrap
from typing import Final

from osteon.core.codes.drift import Advice
from osteon.core.estimate import Estimate
from osteon.core.wording.monitoring import ADVICE, hotelling_words, percent
from osteon.monitoring.report.page import Content, compared_with, counted, headline

WIDTH: Final = 80


def terminal_lines(content: Content) -> list[str]:
    """The lines, each of at most ``WIDTH`` columns."""
    reference = content["reference"]
    lines = wrap(
        f"{content['studies']:,} studies from {content['first']} to {content['last']}, read by {content['bundle']}; "
        f"reference: {reference['studies']:,} studies, {compared_with(reference)}.",
        WIDTH,
    )
    lines += ["", *wrap(headline(content), WIDTH), ""]
    if content["alarms"]:
        lines.append(f"{'studies with':<44}{'before':>8}{'now':>8}  {'since':<10}")
    for alarm in content["alarms"]:
        words = wrap(counted(alarm), 43)
        shares = f"{percent(alarm['before']['value']):>8}{percent(alarm['after']['value']):>8}"
        lines.append(f"{words[0]:<44}{shares}  {alarm['since']:<10}")
        lines += [f"  {more}" for more in words[1:]]
    for advice in dict.fromkeys(alarm["advice"] for alarm in content["alarms"]):
        lines += ["", *wrap(ADVICE[Advice(advice)], WIDTH)]
    agreement = content["agreement"]
    lines.append("")
    if agreement["share"] is None:
        lines += wrap("No reader has answered: whether the bundle is right here is not measured.", WIDTH)
    else:
        share = Estimate(**agreement["share"])
        lines += wrap(
            f"Readers agreed with {percent(share.value)} ({share.between}) of {agreement['answered']:,} answered studies.",
            WIDTH,
        )
    for call, figures in content["estimated_performance"].items():
        if figures and "sensitivity" in figures:
            one = Estimate(**figures["sensitivity"])
            lines += wrap(
                f"Estimated, not measured (CBPE): sensitivity {one.value:.3f} ({one.between}) at the call {call}.",
                WIDTH,
            )
    if content.get("features"):
        lines += wrap(_features(content["features"]), WIDTH)
    lines += wrap(
        f"{content['streams']} shares watched; any alarm in at most {content['level'] * 100:g} of 100 unchanged years.",
        WIDTH,
    )
    return lines


def _features(tests: Content) -> str:
    first, second = tests["studies"]
    if "hotelling" in tests:
        return hotelling_words(first, second, tests["hotelling"]["p"])
    mmd, classifier = tests["mmd"], tests["classifier"]
    return (
        f"What the network sees, {first} images from before and the latest {second}: a classifier tells them apart with an AUROC "
        f"of {classifier['statistic']:.3f} (0.5: not at all; p {classifier['p']:.3f}), mean discrepancy p {mmd['p']:.3f}. "
        "For a single look: looked at often, one of 20 is below 0.05 by chance."
    )
