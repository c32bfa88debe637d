"""Numbers of *VinDr-SpineXR* beside its Tables 3 to 5."""

from __future__ import annotations

from typing import Final

from osteon.learning.recipe import Statement
from osteon.learning.recipes.statements import COLLECTION, DATASET, MACHINE, counted

THRESHOLD: Final = (
    "a threshold belongs to the probabilities of one trained network: ours is that of Youden's index on the validation part, in "
    "the manifest of each bundle; the paper's curve is in its supplement, which is not among the sources read here"
)
F1: Final = (
    "the paper names no threshold for the averaged probability, on which an F1 depends; the change of AUROC is compared"
)


def parts(name: str, training: float, test: float, total: float) -> tuple[Statement, ...]:
    """A row of Table 2."""
    return counted(
        "Table 2", DATASET, {f"{name}: training part": training, f"{name}: test part": test, f"{name}: total": total}
    )


STATEMENTS: Final[tuple[Statement, ...]] = (
    Statement("Threshold c* of the ensemble", 0.2808, "3.3", THRESHOLD, about="ensemble"),
    Statement("Change of the classifier's F1 by the best box", 0.0046, "4", F1, about="framework"),
    Statement("Training time of a classifier, about", 2.0, "3.1", MACHINE, "h", note="One V100."),
    Statement("Training time of a detector, about", 24.0, "3.1", MACHINE, "h", note="One V100."),
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
    Statement(
        "VinDr-SpineXR: images",
        10469,
        "Table 1",
        DATASET,
        note="10,469 in Table 1 and 1.3, 10,468 in the abstract and Table 2.",
    ),
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
)
