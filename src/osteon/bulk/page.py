"""The summary page of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from osteon.bulk.summary import BINS, Summary
from osteon.bulk.table import Job
from osteon.core.codes.fault import FaultCode
from osteon.core.codes.refusal import RefusalCode
from osteon.core.wording.faults import fault_heading
from osteon.html.parts import DocumentSection, bullets, caution, cell, document, joined, paragraph, row, table


def summary_page(job: Job, summary: Summary) -> str:
    """The page, which stands alone.

    Args:
        job: what the table is of.
        summary: what it holds.
    """
    about = bullets(
        [
            f"Read by {job.bundle} (SHA-256 {job.digest[:16]}…), osteon {job.osteon}",
            f"Sources: {', '.join(job.sources)}",
            *([f"Body part stated for all: {job.body_part}"] if job.body_part else []),
        ]
    )
    return document(
        "Summary of an archive",
        [
            DocumentSection("Images", _counts("What became of the images", summary.outcomes, summary.images)),
            DocumentSection("Calls", _counts("Calls of the images that were read", summary.calls)),
            DocumentSection("Probabilities", _histogram(summary)),
            DocumentSection("Boxes", _boxes(summary)),
            DocumentSection(
                "Failures", _counts("Images that could not be read, by cause", summary.faults, words=_fault)
            ),
            DocumentSection(
                "Refusals", _counts("Images that may not be read, by cause", summary.refusals, words=_refusal)
            ),
            DocumentSection("Body parts", _counts("Body parts that files state", summary.body_parts)),
            DocumentSection("Formats", _counts("Formats of the files", summary.formats)),
        ],
        subtitle=f"{summary.images:,} images",
        lead=joined(about, _divided(summary), paragraph("For research, not for diagnosis.")),
    )


def _divided(summary: Summary) -> str:
    if not summary.divided:
        return ""
    words = (
        "A container or folder behind a URL holds them far from each other. Their images were read, but not together: unpack it "
        "to a folder for readings of whole studies."
    )
    return caution(f"The images of {summary.divided:,} studies lie in several parts", [words])


def _counts(
    caption: str, counts: Mapping[str, int], whole: int | None = None, words: Callable[[str], str] = str
) -> str:
    if not counts:
        return ""
    total = whole or sum(counts.values())
    rows = [
        row([cell(words(name)), cell(f"{count:,}", "n"), cell(f"{100 * count / total:.1f} %", "n")])
        for name, count in counts.items()
    ]
    return table(["", "images", "share"], rows, caption=caption)


def _histogram(summary: Summary) -> str:
    total = sum(summary.probabilities)
    if not total:
        return ""
    rows = [
        row(
            [
                cell(f"{index / BINS:.1f} to {(index + 1) / BINS:.1f}"),
                cell(f"{count:,}", "n"),
                cell(f"{100 * count / total:.1f} %", "n"),
            ]
        )
        for index, count in enumerate(summary.probabilities)
    ]
    return table(["probability", "images", "share"], rows, caption="Probability of each image that was read")


def _boxes(summary: Summary) -> str:
    return paragraph(f"{summary.boxes:,} boxes, {summary.definite:,} of them definite.") if summary.boxes else ""


def _fault(code: str) -> str:
    return fault_heading(FaultCode(code)) if code in tuple(FaultCode) else code


def _refusal(code: str) -> str:
    return code.replace("_", " ") if code in tuple(RefusalCode) else code
