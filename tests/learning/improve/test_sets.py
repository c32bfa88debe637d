"""Nothing of an evaluation set is trained on, nothing that was ever trained on is measured on: by hash, by what is shown."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.data.datasets import read
from osteon.data.duplicates.hashes import Hashes
from osteon.data.duplicates.perceptual import Match, Pictures
from osteon.data.splits.record import load_split
from osteon.data.splits.split import official_split
from osteon.evaluation.inference.overlap import fingerprint
from osteon.learning.improve import known
from osteon.learning.improve.dataset import read_new, write_dataset
from osteon.learning.improve.known import Known, Shown, nothing
from osteon.learning.improve.sets import New, Old, Sets, divide, repeats

pytestmark = pytest.mark.learn


@pytest.fixture(scope="module")
def new(decided: Path) -> New:
    return read_new({decided: True}, {"broken": "fracture"})


@pytest.fixture(autouse=True)
def alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn strips look alike: only what is the same but for its encoding counts as a copy here."""
    original = known.matches

    def strictly(pictures: Pictures, signatures: Hashes) -> list[Match]:
        return original(pictures, signatures, radius=2)

    monkeypatch.setattr(known, "matches", strictly)


@pytest.fixture
def old(classes_folder: Path, decided: Path, tmp_path: Path, new: New) -> Old:
    """The old data, into whose training and test part two decided images have found their way, re-encoded."""
    root = tmp_path / "old"
    shutil.copytree(classes_folder, root)
    for part, image in (("train", new.table.images[0]), ("test", new.table.images[7])):
        pixels = np.asarray(Image.open(new.root / image)).astype(np.float64)
        small = (pixels / pixels.max() * 255).astype(np.uint8)
        Image.fromarray(small).save(root / part / "normal" / "copy.png")
    assert decided.is_dir()
    table = read("elbow", root)
    return Old(table, root, official_split(table))


def by_study(new: New, images: list[str]) -> set[str]:
    chosen = set(images)
    return {study for image, study in new.table.frame.select("image", "study").iter_rows() if image in chosen}


def test_parts_share_no_patient_and_the_lock_holds_in_the_next_round(new: New) -> None:
    first = divide(new, None, nothing(), None, 0, 0.3)
    patients = dict(new.table.frame.select("image", "patient").iter_rows())
    parts = [{patients[image] for image in first.new[part]} for part in ("train", "val", "local")]
    assert not parts[0] & parts[1]
    assert not (parts[0] | parts[1]) & parts[2]
    assert all(parts)
    locked = {study.study for study in first.lock.studies}
    assert locked == by_study(new, first.new["local"])
    again = divide(new, None, nothing(), first.lock, 99, 0.7)  # neither seed nor share moves what is locked
    assert again.lock == first.lock
    assert again.new["local"] == first.new["local"]


def test_what_the_live_bundle_was_trained_on_is_never_locked(new: New) -> None:
    taught = new.table.images[:4]
    by_source = Known(frozenset(new.digests[image][:16] for image in taught), nothing().signatures)
    by_file = Known(frozenset(fingerprint(new.root / image) for image in taught), nothing().signatures)
    for trained in (by_source, by_file):
        for seed in range(3):
            sets = divide(new, None, trained, None, seed, 0.5)
            assert not by_study(new, taught) & {study.study for study in sets.lock.studies}
            assert sets.barred["new_trained_before"] == 4
    # Locked first and trained on elsewhere afterwards: it is left out of the measurement.
    lock = divide(new, None, nothing(), None, 0, 0.5).lock
    spoilt = Known(frozenset({lock.studies[0].digests[0][:16]}), nothing().signatures)
    sets = divide(new, None, spoilt, lock, 0, 0.5)
    assert sets.barred["locked_trained_before"] == 1
    assert lock.studies[0].study not in by_study(new, sets.new["local"])
    assert lock.studies[0].study not in by_study(new, [*sets.new["train"], *sets.new["val"]])


def test_copies_between_new_and_old_data_are_kept_apart(new: New, old: Old) -> None:
    sets = divide(new, old, nothing(), None, 0, 0.3)
    trained_before, tested_before = new.table.images[0], new.table.images[7]
    assert trained_before not in sets.new["local"]
    assert tested_before not in sets.new["train"]
    assert tested_before not in sets.new["val"]
    assert sets.barred["new_trained_before"] >= 1
    # A locked image whose copy the live bundle was trained on, as it turns out, measures nothing any more.
    lock = divide(new, None, nothing(), None, 0, 0.6).lock
    copied = next(image for image in new.table.images if new.digests[image] in lock.digests)
    pixels = np.asarray(Image.open(new.root / copied)).astype(np.float64)
    Image.fromarray((pixels / pixels.max() * 255).astype(np.uint8)).save(old.root / "train" / "displaced" / "new.png")
    table = read("elbow", old.root)
    sets = divide(new, Old(table, old.root, official_split(table)), nothing(), lock, 0, 0.6)
    assert sets.barred["locked_trained_before"] >= 1
    assert copied not in [image for images in sets.new.values() for image in images]
    # What is tested on before is not trained on now.
    shown = sets.new["train"][0]
    shutil.copyfile(new.root / shown, old.root / "test" / "displaced" / "new.png")
    table = read("elbow", old.root)
    sets = divide(new, Old(table, old.root, official_split(table)), nothing(), lock, 0, 0.6)
    assert shown not in [*sets.new["train"], *sets.new["val"]]
    assert "test/displaced/new.png" in sets.old["test"]
    assert sets.barred["new_shows_a_test_image"] >= 1


def test_the_dataset_holds_both_and_reads_as_any_other(new: New, old: Old, tmp_path: Path) -> None:
    sets: Sets = divide(new, old, nothing(), None, 0, 0.3)
    made = write_dataset(tmp_path, new, old, sets, 0.5)
    table, split = read("listed", tmp_path), load_split(tmp_path / "split.json")
    assert {image for images in split.parts.values() for image in images} == set(table.images)
    assert len(made.local) == len(sets.new["local"])
    often = repeats(len(sets.new["train"]), len(sets.old["train"]), 0.5)
    assert made.counts["repeats"] == often
    assert len(split.parts["train"]) == often * len(sets.new["train"]) + len(sets.old["train"])
    assert made.share == pytest.approx(0.5, abs=0.12)
    truth = dict(zip(table.images, table.label("fracture").tolist(), strict=True))
    source = dict(zip(new.table.images, new.table.label("fracture").tolist(), strict=True))
    assert [truth[name] for name in made.local] == [source[image] for image in sets.new["local"]]
    assert set(truth.values()) == {0, 1}
    assert set(split.parts["test"]) == {*made.local, *made.old}
    ages = table.select(made.local).frame["age"]
    assert ages.null_count() == 0


def test_an_inverted_copy_is_known_by_what_it_shows(new: New, tmp_path: Path) -> None:
    image = new.table.images[1]
    copy = tmp_path / "copy.png"
    pixels = np.asarray(Image.open(new.root / image))
    Image.fromarray(pixels.max() - pixels).save(copy)
    there = known.of_shown([Shown.of({"a": new.root / image})])
    assert there.met(Shown.of({"b": copy})) == {"b": "picture"}
    assert there.met(Shown.of({"c": new.root / image})) == {"c": "file"}


@pytest.mark.parametrize(
    ("new", "old", "share", "often"), [(30, 48, 0.5, 2), (100, 50, 0.5, 1), (10, 0, 0.9, 1), (1, 900, 0.9, 20)]
)
def test_new_images_are_listed_as_often_as_the_share_asks(new: int, old: int, share: float, often: int) -> None:
    assert repeats(new, old, share) == often
