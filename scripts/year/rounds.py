"""The network that reads at first, and the rounds of improvement that are made of it with what readers said."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from people import Person

from osteon.bundle.archive import open_bundle
from osteon.bundle.promotion.gate import CheckCode, judge
from osteon.bundle.promotion.plan import MARGINS as DEFAULT
from osteon.bundle.promotion.record import Comparison, parse_comparison
from osteon.core.locked import Lock
from osteon.core.snapshot import Snapshot, SnapshotImage, SnapshotRegion, SnapshotStudy
from osteon.core.wording.promotion import check_words
from osteon.data.splits.record import Split

SETTINGS: Final = (
    "dataset=listed",
    "preprocessing.height=128",
    "preprocessing.width=128",
    "cache_side=128",
    "sampling.batch_size=16",
    "sampling.images_per_epoch=400",
    "sampling.positive_share=0.5",
    "precision=32-true",
    "phases.0.epochs=1",
    "phases.0.side=96",
    "phases.1.epochs=12",
    "phases.2.epochs=1",
    "phases.2.start=full",
    "phases.2.rate=0.1",
    "phases.2.augmentation=null",
    "augmentation.rotation=10",
    "augmentation.shear=0",
    "augmentation.noise_share=0.1",
    "augmentation.blur_share=0",
    "augmentation.tone_share=0.3",
    "operating.doubt_sensitivity=0.98",
    "indicated.minimum_side=32",
    "indicated.novelty_share=0.01",
)
"""The recipe `fracatlas`, which starts from ImageNet weights, cut down so that a core trains it in minutes."""

AGAIN: Final = ("phases.1.epochs=8",)
"""What a round sets differently: it begins with the live network's weights."""


MARGINS: Final = ("local.doubt.sensitivity=0.15",)
"""Of the plan, fixed before anything is trained: the live network calls nearly every child of the other site a fracture, so that
any threshold that tells children apart loses some sensitivity. Otherwise the margins are the default ones."""


def osteon(*arguments: str, allowed: Sequence[int] = (0,)) -> subprocess.CompletedProcess[str]:
    """Run ``osteon`` in a process of its own.

    Raises:
        RuntimeError: it failed.
    """
    done = subprocess.run([sys.executable, "-m", "osteon.cli", *arguments], capture_output=True, text=True, check=False)
    if done.returncode not in allowed:
        raise RuntimeError(f"osteon {arguments[0]} failed with {done.returncode}: {done.stderr[-3000:]}")
    return done


def write_dataset(folder: Path, parts: dict[str, list[Person]]) -> Path:
    """The dataset of the first site with its truth, and its split."""
    everybody = [person for members in parts.values() for person in members]
    if not folder.exists():
        decided(everybody, {person.digest: int(person.fracture) for person in everybody}, folder)
    files = {path.stem: path.relative_to(folder).as_posix() for path in folder.rglob("*.png")}
    named = {part: tuple(sorted(files[one.digest[:20]] for one in members)) for part, members in parts.items()}
    Split("listed", named, ("patient",)).save(folder / "split.json")
    return folder


def first(root: Path, dataset: Path, seed: int) -> Path:
    """Train and export the network that reads at first; its file."""
    bundle = root / "elbows.osteon"
    if not bundle.is_file():
        chosen = [word for one in SETTINGS for word in ("--set", one)]
        again = ("--resume",) if (root / "run").exists() else ()
        common = (*again, "--quiet", "--threads", "1", "--cache", str(root / "cache"))
        osteon(
            "train", "fracatlas", "--data", str(dataset), "--split-file", str(dataset / "split.json"),
            "--out", str(root / "run"), "--seed", str(seed), *chosen, *common,
        )  # fmt: skip
        osteon(
            "export", str(root / "run"), str(bundle), "--version", "1.0.0", "--licence", "none",
            "--cache", str(root / "cache"), "--quiet", "--allow-uncalibrated",
        )  # fmt: skip
    return bundle


def opinion(person: Person, random: np.random.Generator, sensitivity: float, specificity: float) -> int:
    """What a simulated reader says of a fracture."""
    right = random.random() < (sensitivity if person.fracture else specificity)
    return int(person.fracture == right)


def decided(chosen: Sequence[Person], says: dict[str, int], folder: Path) -> Path:
    """A snapshot of what readers decided, as ``osteon annotate snapshot`` writes it."""
    from osteon.data.snapshots.write import write_snapshot

    studies = tuple(
        SnapshotStudy(
            study=f"s{person.digest[:12]}",
            patient=f"p{person.digest[:12]}",
            age=person.age,
            sex=person.sex,
            decided="one_reader",
            readers=1,
            images=(
                SnapshotImage(
                    name=person.digest[:20],
                    digest=person.digest,
                    rows=rows,
                    columns=columns,
                    format="PNG",
                    labels={"fracture": says[person.digest]},
                    regions=tuple(
                        SnapshotRegion(label="fracture", box=box, reader="simulated")
                        for box in person.boxes
                        if says[person.digest]
                    ),
                ),
            ),
        )
        for person in chosen
        for rows, columns in [_shape(person)]
    )
    taken = Snapshot(
        project="children",
        schema_name="fracture",
        schema_version=1,
        labels=("fracture",),
        created=datetime(2026, 6, 1, tzinfo=UTC),
        studies=studies,
        left_out={},
    )
    files = {person.digest: Path(person.path) for person in chosen}
    write_snapshot(taken, files.__getitem__, folder, fractions=None)
    return folder


def _shape(person: Person) -> tuple[int, int]:
    import cv2

    image = cv2.imread(person.path, cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise RuntimeError("a simulated image could not be opened")
    return image.shape[0], image.shape[1]


def lock(snapshot: Path, root: Path, store: Path, seed: int) -> set[str]:
    """Lock a local test set, once and before any candidate is trained; the digests of its images."""
    osteon(
        "improve", str(snapshot), "--store", str(store), "--live", "elbows", "--run", str(root / "run"),
        "--lock", str(root / "lock.json"), "--local-test", "0.9", "--seed", str(seed), "--out", str(root / "round-lock"),
        "--until", "sets", "--no-register", "--quiet", "--cache", str(root / "cache"),
    )  # fmt: skip
    return set(Lock.model_validate_json((root / "lock.json").read_bytes()).digests)


def improve(snapshot: Path, out: Path, root: Path, store: Path, version: str, seed: int) -> Path:
    """A round of improvement; the file of its candidate."""
    chosen = [word for one in (*SETTINGS, *AGAIN) for word in ("--set", one)]
    osteon(
        "improve", str(snapshot), "--store", str(store), "--live", "elbows", "--run", str(root / "run"),
        "--lock", str(root / "lock.json"), *(word for one in MARGINS for word in ("--margin", one)),
        "--version", version, "--minimum", "20", "--seed", str(seed), "--out", str(out), "--quiet", "--threads", "1",
        "--cache", str(root / "cache"), *chosen,
    )  # fmt: skip
    return out / "elbows.osteon"


def open_store(store: Path, live: Path) -> Path:
    """A store whose registry has the live bundle."""
    from osteon.clinic.store.database import open_database
    from osteon.clinic.store.registry import registry
    from osteon.clinic.store.registry.kept import keep_bundle

    store.mkdir(exist_ok=True)
    kept = keep_bundle(store, live)
    why = registry.Decision("simulation", "the first")
    database = open_database(f"sqlite:///{store / 'osteon.db'}")
    with database.session() as session:
        row = registry.register(session, kept, why)
        if registry.live(session, kept.manifest.name) is None:
            registry.promote(session, row, why)
    database.close()
    return store


def put_in_shadow(store: Path, version: str) -> str:
    """Put a candidate in shadow; its identity."""
    identity = f"elbows@{version}"
    osteon("registry", "shadow", identity, "--reason", "four weeks beside", "--store", str(store))
    return identity


def may_read(round_: Path) -> dict[str, Any]:
    """What the gate requires of a candidate, and whether it holds."""
    candidate = open_bundle(round_ / "elbows.osteon")
    found = parse_comparison((round_ / "comparison.json").read_bytes(), "comparison.json")
    live = open_bundle(round_ / "live.osteon").digest
    checks = judge(found, candidate, live)
    return {
        "held": sum(one.passed for one in checks),
        "inferior_by_default": sum(
            one.code == CheckCode.NOT_INFERIOR and not one.passed for one in judge(_by_default(found), candidate, live)
        ),
        "required": len(checks),
        "failed": [check_words(one.code, one.values, passed=False) for one in checks if not one.passed],
        "local": _local(found),
    }


def _by_default(found: Comparison) -> Comparison:
    """The same comparison as if its plan had the default margins."""
    return found.model_copy(update={"plan": found.plan.model_copy(update={"margins": dict(DEFAULT)})})


def _local(found: Comparison) -> dict[str, Any]:
    measured = found.of("local")
    if measured is None:
        return {}
    return {
        "images": measured.images,
        "positives": measured.positives,
        **{
            one.figure: {"value": one.candidate, "before": one.live, "difference": one.difference.model_dump()}
            for one in measured.figures
        },
    }
