"""*VinDr-SpineXR*: every number of the paper that is no claim of a recipe."""

from __future__ import annotations

from typing import Final

from osteon.learning.recipe import Statement
from osteon.learning.recipes.statements import COLLECTION, DATASET, MACHINE, Setting, counted, settings

EDGE: Final = "the recipe scales the longer side instead, see its deviations"
READERS: Final = "it says who made the labels"


def parts(name: str, training: float, test: float, total: float) -> tuple[Statement, ...]:
    """A row of Table 2."""
    return counted(
        "Table 2", DATASET, {f"{name}: training part": training, f"{name}: test part": test, f"{name}: total": total}
    )


STATEMENTS: Final[tuple[Statement, ...]] = (
    *counted("Abstract, 2.2", DATASET, {"Categories of findings": 13}),
    Statement(
        "VinDr-SpineXR: images",
        10469,
        "1.3, Table 1",
        DATASET,
        note="10,469 in Table 1 and 1.3, 10,468 in the abstract and Table 2.",
    ),
    *counted(
        "Table 1",
        COLLECTION,
        {
            "Digital Hand Atlas: images": 1390,
            "Osteoarthritis Initiative: images": 8892,
            "MURA: images": 40561,
            "RSNA Pediatric Bone Age: images": 14236,
            "Kuok et al.: images": 60,
            "Kim et al.: images": 797,
        },
    ),
    *counted("2.2", DATASET, {"Raw images, more than": 50000, "First year of the raw images": 2010, "Last year": 2020}),
    *counted("2.2", READERS, {"Radiologists": 3, "Their years of experience, at least": 10}),
    *parts("First year", 2011, 2015, 2011),
    *parts("Last year", 2020, 2020, 2020),
    *parts("Studies", 4000, 1000, 5000),
    *parts("Images", 8390, 2078, 10468),
    *parts("Normal images", 4257, 1068, 5325),
    *parts("Abnormal images", 4133, 1010, 5143),
    *parts("Mean height, pixels", 2455, 2439, 2542),
    *parts("Mean width, pixels", 1606, 1587, 1602),
    *parts("Mean age, years", 49, 49, 49),
    *parts("Lowest age, years", 6, 13, 6),
    *parts("Highest age, years", 94, 98, 98),
    *parts("Men", 0.3791, 0.3753, 0.3783),
    *parts("Women", 0.6208, 0.6247, 0.6217),
    *parts("Data size, GiB", 29.04, 7.17, 36.21),
    *parts("Boxes of ankylosis", 6, 1, 7),
    *parts("Boxes of disc space narrowing", 924, 231, 1155),
    *parts("Boxes of enthesophytes", 54, 13, 67),
    *parts("Boxes of foraminal stenosis", 387, 95, 482),
    *parts("Boxes of fracture", 10, 2, 12),
    *parts("Boxes of osteophytes", 12562, 3000, 15562),
    *parts("Boxes of sclerotic lesion", 24, 5, 29),
    *parts("Boxes of spondylolysthesis", 280, 69, 349),
    *parts("Boxes of subchondral sclerosis", 87, 23, 110),
    *parts("Boxes of surgical implant", 429, 107, 536),
    *parts("Boxes of vertebral collapse", 268, 69, 337),
    *parts("Boxes of foreign body", 17, 4, 21),
    *parts("Boxes of other lesions", 248, 63, 311),
    *settings("2.3", "ensemble", Setting("Networks of the ensemble", 3, "members")),
    *settings("2.3", "sparse_rcnn", Setting("Lesions that are looked for", 7, "labels")),
    *settings("2.3", "framework", Setting("Confidence above which a box always stays", 0.5, "fusion_confidence")),
    *settings(
        "3.1",
        "densenet121",
        Setting("Side of the classifiers' input", 224, "preprocessing.height"),
        Setting("Steps of the classifiers", 10000, "steps"),
        Setting("Images a step of the classifiers", 32, "sampling.batch_size"),
        Setting("Learning rate of the classifiers", 0.001, "optimizer.lr"),
    ),
    *settings(
        "3.1",
        "sparse_rcnn",
        Setting("Images a step of the detectors", 16, "sampling.batch_size"),
        Setting("Steps of the detectors", 50000, "steps"),
        Setting("Step at which the rate is lowered", 30000, "first_decay_step"),
        Setting("What the rate is divided by", 10, "decay"),
    ),
    *counted("3.1", EDGE, {"Shorter edge, at least": 640, "Shorter edge, at most": 800}),
    *counted("3.1", MACHINE, {"Memory of the GPU, GiB": 32}),
    Statement("Training time of a classifier, about", 2.0, "3.1", MACHINE, "h", note="One V100."),
    Statement("Training time of a detector, about", 24.0, "3.1", MACHINE, "h", note="One V100."),
    *settings("3.2", "ensemble", Setting("Resamples of the bootstrap", 10000, "resamples")),
    *settings(
        "3.2",
        "sparse_rcnn",
        Setting("IoU of a true positive", 0.5, "map50_iou"),
        Setting("Levels of recall", 101, "recall_levels"),
        Setting("Step of the levels of recall", 0.01, "recall_step"),
    ),
)
