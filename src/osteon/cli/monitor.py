"""``osteon monitor``: whether a bundle still sees what it was made for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from osteon.cli.options import AsJson, StoreConfig

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from osteon.bundle.archive import Bundle
    from osteon.bundle.manifest import Manifest
    from osteon.bundle.reference import Reference
    from osteon.monitoring.observation import Observation

EXAMPLES: Final = """
[bold]Examples[/bold]

  osteon monitor --store /var/lib/osteon

  osteon monitor --store /var/lib/osteon --since 2026-06-01 --out monitoring.html

  osteon monitor readings.jsonl --reference mine.osteon --json

  osteon monitor readings/ --sources --baseline 300

Without --reference the first studies are what the later ones are compared with. Lines come from osteon read --json; each needs a
time: a key time, or with --sources the date of a DICOM file. Exit code: 0 watched, 1 something changed and --exit-code was given,
2 could not watch.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("monitor", epilog=EXAMPLES)(monitor)


def monitor(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH...]", help="Lines of `osteon read --json`, tables, folders with some."),
    ] = None,
    store: Annotated[
        Path | None, typer.Option("--store", metavar="DIR", help="Watch the store of a reading room instead.")
    ] = None,
    config: StoreConfig = None,
    bundle: Annotated[
        str | None,
        typer.Option(
            "--bundle", "-b", metavar="NAME|FILE", help="Bundle whose readings are watched. Default: the latest."
        ),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(
            "--reference",
            metavar="NAME|FILE",
            help="A shipped bundle, for what comes with it; a bundle with a reference, or a reference.json.",
        ),
    ] = None,
    baseline: Annotated[
        int, typer.Option("--baseline", min=50, help="Without --reference: number of first studies to compare with.")
    ] = 500,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Watch from this day on, ISO 8601.")
    ] = None,
    level: Annotated[
        float, typer.Option("--level", min=0.0001, max=0.5, help="Share of unchanged years that may have an alarm.")
    ] = 0.05,
    tolerance: Annotated[
        float,
        typer.Option("--tolerance", min=0.0, max=0.5, help="What counts as no change; 0.05: 45 to 55 % for 50 %."),
    ] = 0.05,
    least: Annotated[int, typer.Option("--least", min=2, help="Studies of a subgroup that is shown.")] = 30,
    sources: Annotated[
        bool, typer.Option("--sources", help="Open the files that lines name, for headers and what images show.")
    ] = False,
    features: Annotated[
        bool,
        typer.Option(
            "--features", help="Compare what the network sees of the latest files with before; runs it again."
        ),
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write a report, HTML.")] = None,
    as_json: AsJson = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 where something changed.")] = False,
) -> None:
    """Say what has changed in what is read, since when, how sure that is, and what to do."""
    import json
    import sys

    from osteon.monitoring.baseline import learn
    from osteon.monitoring.report.content import report
    from osteon.monitoring.report.page import page
    from osteon.monitoring.report.terminal import terminal_lines
    from osteon.monitoring.watch import Rule, watch

    if bool(paths) == (store is not None or config is not None):
        raise typer.BadParameter("expected either files or a store", param_hint="PATH / --store / --config")
    begin = None if since is None else _day(since)
    opened, frozen = _reference(reference)
    named = _named(bundle)
    wanted = None if named is None else named.manifest.identity
    wanted = wanted or (None if frozen is None else frozen.bundle)
    seen = _of_files(paths, wanted, sources=sources) if paths else _of_store(store, config, wanted)
    before: list[Observation] = []
    learnt = None
    if frozen is None:
        learnt = learn(seen, baseline)
        frozen, before, seen = learnt.reference, list(learnt.first), list(learnt.later)
    watched = [one for one in seen if begin is None or one.time >= begin]
    found = watch(frozen, watched, Rule(level=level, tolerance=tolerance))
    manifest = next((one.manifest for one in (named, opened) if one is not None), None)
    content = report(found, watched, manifest or _shipped(frozen.bundle), learnt=learnt, least=least)
    if features:
        content["features"] = _features(named or opened, frozen, before, watched)
    if out is not None:
        out.write_text(page(content), encoding="utf-8")
        sys.stderr.write(f"report: {out}\n")
    typer.echo(json.dumps(content, allow_nan=False) if as_json else "\n".join(terminal_lines(content)))
    raise typer.Exit(1 if exit_code and found.alarms else 0)


def _day(text: str) -> datetime:
    from osteon.monitoring.lines import moment

    try:
        return moment(text)
    except ValueError as error:
        raise typer.BadParameter(f"expected a date such as 2026-06-01, got {text!r}", param_hint="--since") from error


def _reference(named: str | None) -> tuple[Bundle | None, Reference | None]:
    """The bundle and the reference in it or shipped with it, or a reference alone."""
    from osteon.bundle.archive import open_bundle
    from osteon.bundle.reference import parse_reference, reference_of, shipped_reference
    from osteon.core.errors import BundleError

    if named is None:
        return None, None
    path = Path(named)
    if path.suffix == ".json" and path.is_file():
        return None, parse_reference(path.read_bytes(), str(path))
    opened = open_bundle(named)
    found = reference_of(opened) or shipped_reference(opened.manifest.identity)
    if found is None:
        raise BundleError(f"{named} has no reference", hint="Add one: osteon bundle reference BUNDLE DATA --out NEW.")
    return opened, found


def _named(bundle: str | None) -> Bundle | None:
    from osteon.bundle.archive import open_bundle

    return None if bundle is None else open_bundle(bundle)


def _shipped(identity: str) -> Manifest | None:
    """The manifest of a shipped bundle, where it is the one that read."""
    from osteon.bundle.archive import open_bundle
    from osteon.bundle.catalogue import shipped

    manifests = (open_bundle(name).manifest for name in shipped() if identity.startswith(f"{name}@"))
    return next((manifest for manifest in manifests if manifest.identity == identity), None)


def _features(
    bundle: Bundle | None, frozen: Reference, before: Sequence[Observation], since: Sequence[Observation]
) -> dict[str, object]:
    """What the network sees of the files of the first studies, or saw of those of the reference, and of the latest ones."""
    from osteon.bundle.archive import open_bundle
    from osteon.core.errors import DataError
    from osteon.inference.networks.features import available
    from osteon.monitoring.feature_reference import compare_with_reference
    from osteon.monitoring.features import compare_files

    if not before and frozen.features is None:
        raise DataError(
            "the reference has no features, and holds no images to take them from",
            expected="a reference with features, or --features without --reference",
            hint="Make it anew: osteon bundle reference --features.",
        )
    if not available():
        raise DataError("comparing features needs the package onnx", hint="pip install 'osteon[evaluate]'")
    opened = bundle or open_bundle(frozen.bundle.partition("@")[0])
    first, latest = ([one.file for one in side if one.file is not None] for side in (before, since))
    if frozen.features is not None:
        compared = compare_with_reference(opened, frozen.features, latest)
        return {"hotelling": compared.hotelling._asdict(), "studies": list(compared.studies)}
    tests = compare_files(opened, first, latest)
    return {
        "mmd": tests.mmd._asdict(),
        "classifier": tests.classifier._asdict(),
        "studies": list(tests.studies),
    }


def _of_files(paths: Sequence[Path], wanted: str | None, *, sources: bool) -> list[Observation]:
    """Observations of one bundle; says what is left out."""
    import sys
    from collections import Counter

    from osteon.core.errors import DataError
    from osteon.monitoring.lines import read_lines

    table = read_lines(paths, sources=sources)
    if table.damaged:
        sys.stderr.write(f"skipped: {table.damaged} lines that are no readings\n")
    if table.undated:
        sys.stderr.write(f"skipped: {table.undated} studies without a time; a line may have a key time (ISO 8601)\n")
    counts = Counter(one.bundle for one in table.observations)
    if not counts:
        raise DataError("there is nothing to watch", expected="readings with a time", got=f"{table.undated} without")
    chosen = wanted or max(table.observations, key=lambda one: one.time).bundle
    others = sum(counts.values()) - counts[chosen]
    if others:
        sys.stderr.write(f"left out: {others} studies that other bundles than {chosen} read\n")
    return [one for one in table.observations if one.bundle == chosen]


def _of_store(store: Path | None, config: Path | None, wanted: str | None) -> list[Observation]:
    from osteon.cli.serve import chosen_settings
    from osteon.cli.serving import require_serving

    require_serving()
    from osteon.clinic.monitoring.collect import Collector
    from osteon.clinic.store.database import Database
    from osteon.clinic.store.files import Files
    from osteon.core.errors import StoreError

    settings = chosen_settings({"store": store}, [], config)
    if not settings.store.is_dir():
        raise StoreError(f"there is no store at {settings.store}", hint="Name the folder of a reading room: --store.")
    database = Database(settings.database_url)
    try:
        database.check()
        collector = Collector(database, Files(settings.store))
        bundles = [wanted] if wanted is not None else collector.bundles()[:1]
        return [one for bundle in bundles for one in collector.observations(bundle)]
    finally:
        database.close()
