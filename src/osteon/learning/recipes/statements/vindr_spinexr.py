"""*VinDr-SpineXR*: Tables 3 to 5, what the paper leaves open beside its authors' code, and every other number of it."""

from __future__ import annotations

from typing import Final

from osteon.learning.recipe import Claim, Statement
from osteon.learning.recipes.statements import COLLECTION, DATASET, MACHINE, Setting, counted, settings

LESIONS: Final = (
    "disc_space_narrowing",
    "foraminal_stenosis",
    "osteophytes",
    "spondylolysthesis",
    "surgical_implant",
    "vertebral_collapse",
    "other_lesions",
)
"""The seven lesions (2.3) in the order of Table 4."""

OF_CALLS: Final = ("auroc", "doubt.f1", "doubt.sensitivity", "doubt.specificity")


def table_3(*figures: tuple[float, float, float]) -> tuple[Claim, ...]:
    """A row of Table 3: AUROC, F1, sensitivity and specificity in percent, each with its 95 % interval."""
    return tuple(
        Claim(
            f"classification.{metric}",
            round(value / 100, 6),
            None,
            "Table 3",
            round(low / 100, 6),
            round(high / 100, 6),
            table="Table 3",
        )
        for metric, (value, low, high) in zip(OF_CALLS, figures, strict=True)
    )


TABLE_3: Final = {
    "densenet121": table_3((86.93, 85.4, 88.4), (79.55, 77.6, 81.4), (80.39, 77.9, 82.8), (79.32, 76.9, 81.7)),
    "densenet169": table_3((87.29, 85.8, 88.8), (80.25, 78.3, 82.1), (81.74, 79.3, 84.1), (79.02, 76.6, 81.4)),
    "densenet201": table_3((87.14, 85.6, 88.6), (79.03, 77.1, 80.9), (77.97, 75.4, 80.5), (81.46, 79.1, 83.8)),
    # 3.3 gives the intervals to two places.
    "ensemble": table_3((88.61, 87.19, 90.02), (81.06, 79.20, 82.85), (83.07, 80.64, 85.34), (79.32, 77.84, 81.71)),
}

THRESHOLD: Final = Claim(
    "threshold.youden_uncalibrated",
    0.2808,
    None,
    "3.3",
    note=(
        "A threshold belongs to the probabilities of one trained network. Ours is that of Youden's index on the validation "
        "part, of the mean probability before calibration, with an interval over its cases; the evaluation draws the index over "
        "the threshold. The evaluator in the authors' code takes the threshold from the predictions that it measures."
    ),
    table="Table 3",
)

LESIONS_OF_TABLE_4: Final = (
    "Compared as average precision over IoU 0.2 to 0.5, which the authors' evaluator prints beside that at 0.5: in Table 4 the "
    "lesions of Sparse R-CNN lie above those of Table 5, and their mean above the last column. The last column is at IoU 0.5."
)
"""Why the columns of Table 4 are not all of one IoU."""


def table_4(*figures: float) -> tuple[Claim, ...]:
    """A row of Table 4 in percent: of each lesion the average precision over IoU 0.2 to 0.5, and the mean at 0.5."""
    metrics = [*(f"detection.ap20_50.{name}" for name in LESIONS), "detection.map50"]
    printed = tuple(
        Claim(
            metric,
            round(value / 100, 6),
            None,
            "Table 4",
            note=LESIONS_OF_TABLE_4 if "ap20_50" in metric else "",
            table="Table 4",
        )
        for metric, value in zip(metrics, figures, strict=True)
    )
    return (*printed, Claim("detection.map20_50", None, None, "Table 4", table="Table 4"))


TABLE_4: Final = {
    "faster_rcnn": table_4(22.66, 35.99, 49.24, 31.68, 65.22, 51.68, 2.16, 31.83),
    "retinanet": table_4(14.53, 25.35, 41.67, 32.14, 65.49, 51.85, 5.30, 28.09),
    "efficientdet_d0": table_4(17.05, 24.19, 42.69, 35.18, 61.85, 52.53, 2.45, 28.73),
    "sparse_rcnn": table_4(20.09, 32.67, 48.16, 45.32, 72.20, 49.30, 5.41, 33.15),
}


def table_5(where: str, measured: str, *figures: float) -> tuple[Claim, ...]:
    """A row of Table 5 in percent: average precision of each lesion at IoU 0.5, and their mean."""
    metrics = [*(f"{measured}.ap50.{name}" for name in LESIONS), f"{measured}.map50"]
    return tuple(
        Claim(metric, round(value / 100, 6), None, where, table=where)
        for metric, value in zip(metrics, figures, strict=True)
    )


F1: Final = (
    "The paper names no threshold for the averaged probability: ours are those of Youden's index on the validation part, for the "
    "classifier alone and for both together, as the paper's classifier has it."
)

OF_THE_FRAMEWORK: Final = (
    # Of Sparse R-CNN, with other figures for each lesion than in Table 4.
    *table_5("Table 5, detector only", "fusion.detector", 18.06, 28.89, 34.23, 41.52, 62.45, 42.85, 4.03, 33.15),
    *table_5("Table 5, whole framework", "fusion.rule", 21.43, 27.36, 34.78, 41.29, 62.53, 43.39, 4.16, 33.56),
    Claim("fusion.change.map50", 0.0041, None, "4"),
    Claim("fusion.image.change.auroc", 0.0158, None, "4: probability averaged with the best box"),
    Claim("fusion.image.change.f1", 0.0046, None, "4: probability averaged with the best box", note=F1),
)

CODE: Final = (
    "The authors' code differs from the paper's text: a rate of 0.01, risen over 1,000 steps and lowered tenfold after 5,000 and "
    "7,500 of 10,000, with clipped gradients, in place of 0.001; it keeps the last state, not the best, and averages logits, not "
    "probabilities. The recipes follow the text, the variants whose names end in _code the code."
)

OF_CLASSIFIERS: Final = (
    "No validation part is named, though the threshold comes from one: a tenth of the development studies.",
    "Momentum of the optimiser: 0.9. Weight decay and schedule: none.",
    CODE,
    "Augmentation of the classifiers: flips from left to right.",
    "Which of the training's states was kept: the one of the best validation AUROC.",
)

DEVIATIONS_OF_CLASSIFIERS: Final = (
    "One mean and one deviation for all three channels, instead of ImageNet's three: the images are grey.",
    "AUROC and intervals come from a bootstrap over studies, not over images.",
)

DECAY: Final = "Weight decay also reaches the scales of norms; Detectron2 has none there."

OF_CLASSIFIERS_BY_CODE: Final = (
    "Two outputs and a softmax, in place of one output and a sigmoid: the same probability of two opposite logits.",
    DECAY,
)

RATE: Final = (
    "Learning rate and clipping: those of the authors' configuration of Sparse R-CNN, 0.001 for all four detectors, and for "
    "Sparse R-CNN each value of the gradient clipped at 1, as Detectron2 does where a configuration only switches clipping on."
)
DEFAULTS: Final = (
    "Momentum 0.9, weight decay 0.0001, flips, frozen stages, score threshold 0.05: their library's defaults."
)
BACKBONES: Final = "Backbones of Faster R-CNN and RetinaNet: ResNet50, as that of Sparse R-CNN."
VALIDATION: Final = (
    "No validation part is named: a tenth of the development studies, of whose mAP50 the best epoch is kept."
)
BATCH: Final = (
    "Images a step: 16, as 3.1 says. The configuration that the authors published has 4, with 16 as a comment beside it: the "
    "variant sparse_rcnn_code takes 4 for as many steps, and so a quarter of the images."
)

OF_DETECTORS: Final = {
    "retinanet": (
        RATE,
        DEFAULTS,
        BACKBONES,
        VALIDATION,
        "The last column of Table 4 is not the mean of the others (that of this row is 33.76); Table 5 agrees with itself.",
    ),
    "faster_rcnn": (
        RATE,
        DEFAULTS,
        BACKBONES,
        VALIDATION,
        "The last column of Table 4 is not the mean of the others (36.95).",
    ),
    "efficientdet_d0": (
        RATE,
        DEFAULTS,
        "Which of the family: the smallest, D0, here at the size of the other detectors' images.",
        VALIDATION,
        "The last column of Table 4 is not the mean of the others (33.71).",
    ),
    "sparse_rcnn": (
        RATE,
        DEFAULTS,
        BATCH,
        VALIDATION,
        "The last column of Table 4 is not the mean of the others (39.02); that of Table 5, detector only, is: the same 33.15.",
    ),
}

DEVIATIONS_OF_DETECTORS: Final = (
    (
        "The rate does not rise at the start; Detectron2 lets it rise over the first 1,000 of 50,000 steps. The "
        "variant sparse_rcnn_code "
        "does, and suppresses at an IoU of 0.7 and keeps the last state, as the authors' code does and the paper does not say."
    ),
    "The backbone starts from ImageNet, the rest at random: the paper starts from detectors trained on COCO.",
    "The longer side is chosen at random, from 992 to 1,216: at the mean shape a shorter edge of 649 to 795 pixels.",
    "Rare lesions are not sampled more often; the authors' configuration repeats images of those below a tenth.",
    "One channel with one mean and one deviation, which is what three equal channels give.",
    DECAY,
)

OF_FRAMEWORK: Final = (
    "c* is Youden's point of the classifier on the validation part, as 2.3 says of the classifier alone.",
)
DEVIATIONS_OF_FRAMEWORK: Final = (
    "Confidences are calibrated on the validation part, so that 0.5 is a chance of one half that a box is right.",
    "Where several detectors were trained, the best on the validation part is taken; in the paper, on the test part.",
)

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
