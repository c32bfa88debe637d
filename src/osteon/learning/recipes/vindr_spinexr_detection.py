"""Detectors of seven kinds of lesions in spine radiographs, which work together with the classifier of ``vindr_spinexr``.

Nguyen, Pham, Nguyen, Nguyen, Huynh, Dao, Vu (2021), *VinDr-SpineXR: A deep learning framework for spinal lesions detection
and classification from radiographs*. Numbers carry the section or table that they come from. Where the paper is silent, the
configuration that its authors published (of Sparse R-CNN alone) is taken; where that is silent too, what was chosen is said.
"""

from __future__ import annotations

from typing import Final

from osteon.imaging.preprocess import Preprocessing
from osteon.learning.recipe import (
    Anchors,
    AnyRecipe,
    BoxRule,
    Claim,
    Detection,
    DetectorArchitecture,
    EfficientDetector,
    FasterDetector,
    FusionRecipe,
    ImageSelection,
    OperatingRule,
    Optimizer,
    Phase,
    Recipe,
    RetinaDetector,
    Sampling,
    Schedule,
    Selection,
    SparseDetector,
    StepDecay,
    Task,
)
from osteon.learning.recipes import fracatlas_detector as ours
from osteon.learning.recipes.vindr_spinexr_classification import (
    AUGMENTATION,
    ENSEMBLE,
    INDICATED,
    SEEDS,
    SOURCE,
    SPLIT,
)

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


def figures_of(where: str, *figures: float, measured: str = "detection") -> tuple[Claim, ...]:
    """A row of Table 4 or 5: average precision of each lesion, and their mean, in percent."""
    metrics = [*(f"{measured}.ap50.{name}" for name in LESIONS), f"{measured}.map50"]
    return tuple(
        Claim(metric, round(value / 100, 6), None, where) for metric, value in zip(metrics, figures, strict=True)
    )


RULE: Final = BoxRule(
    max_detections=100,
    nms_iou=0.5,
    score_threshold=0.05,
    doubt_sensitivity=0.75,
    definite_precision=0.75,
    fusion=0.5,
)

RULE_WITHOUT_NMS: Final = BoxRule(
    max_detections=100,
    nms_iou=1.0,
    score_threshold=0.0,
    doubt_sensitivity=0.75,
    definite_precision=0.75,
    fusion=0.5,
)
"""A set of proposals needs no suppression, and all of them are given out."""


def sgd(clip: float | None) -> Optimizer:
    """The optimiser of the paper's detectors."""
    return Optimizer(name="sgd", lr=1e-3, head_lr=1e-3, momentum=0.9, weight_decay=1e-4, clip=clip)


STEPS: Final = StepDecay(every=30, factor=0.1)  # 3.1: at the 30,000th iteration


def detector(
    name: str,
    summary: str,
    *,
    source: str,
    architecture: DetectorArchitecture,
    rule: BoxRule,
    optimizer: Optimizer,
    schedule: Schedule,
    averaging: float | None,
    claims: tuple[Claim, ...],
    unstated: tuple[str, ...],
    deviations: tuple[str, ...],
) -> Recipe:
    """A detector, trained on the paper's images as long as the paper's."""
    return Recipe(
        name=f"vindr_spinexr/{name}",
        summary=summary,
        source=source,
        dataset="spinexr",
        split=SPLIT,
        images=ImageSelection(views=(), together=False),
        task=Task(labels=LESIONS, positive=LESIONS, activation="boxes"),  # 2.3
        # The shorter edge of 640 to 800 (3.1) of an image of 2455 x 1606 (Table 2) goes with a longer one of 978 to 1223.
        preprocessing=Preprocessing(height=1216, width=1216, fit="letterbox", channels=1, mean=0.449, std=0.226),
        cache_side=1216,
        augmentation=AUGMENTATION,
        architecture=architecture,
        # 3.1: 16 images a step, 1,000 steps an epoch. The authors' configuration leaves images without boxes out.
        sampling=Sampling(batch_size=16, images_per_epoch=16_000, positive_share=1.0),
        loss=None,
        detection=Detection(
            sides=(992, 1216),  # 3.1, see above
            policy="v2",  # 2.3: learned augmentation; which of its policies is in the authors' configuration
            smallest=4.0,
            other_label="other_lesions",  # 2.3: the six rarer lesions count as these
            image_label="abnormal",
            rule=rule,
        ),
        optimizer=optimizer,
        schedule=schedule,
        pretraining=None,
        phases=(
            Phase(name="all", epochs=50, trainable="all", side=None, rate=1.0, augmentation=None, start=None),
        ),  # 3.1: 50,000 iterations
        soup=(),
        mirrored=False,
        averaging=averaging,
        selection=Selection(metric="val_map50", mode="max", patience=None),
        operating=OperatingRule(doubt_sensitivity=None, definite_specificity=None),
        indicated=INDICATED,
        precision="32-true",
        seeds=SEEDS,
        claims=claims,
        unstated=unstated,
        deviations=deviations,
    )


RATE: Final = (
    "Learning rate and clipping: those of the authors' configuration of Sparse R-CNN, 0.001, for all four detectors."
)
DEFAULTS: Final = (
    "Momentum 0.9, weight decay 0.0001, flips, frozen stages, score threshold 0.05: their library's defaults."
)
BACKBONES: Final = "Backbones of Faster R-CNN and RetinaNet: ResNet50, as that of Sparse R-CNN."
VALIDATION: Final = (
    "No validation part is named: a tenth of the development studies, of whose mAP50 the best epoch is kept."
)

DEVIATIONS: Final = (
    "The backbone starts from ImageNet, the rest at random: the paper starts from detectors trained on COCO.",
    "The longer side is chosen at random, from 992 to 1,216: at the mean shape a shorter edge of 649 to 795 pixels.",
    "Rare lesions are not sampled more often; the authors' configuration repeats images of those below a tenth.",
    "One channel with one mean and one deviation, which is what three equal channels give.",
)


def of_the_paper(
    name: str,
    summary: str,
    *,
    architecture: DetectorArchitecture,
    rule: BoxRule,
    clip: float | None,
    claims: tuple[Claim, ...],
    unstated: tuple[str, ...],
) -> Recipe:
    """One of the four detectors of Table 4."""
    return detector(
        name,
        summary,
        source=SOURCE,
        architecture=architecture,
        rule=rule,
        optimizer=sgd(clip),
        schedule=STEPS,
        averaging=None,
        claims=claims,
        unstated=unstated,
        deviations=DEVIATIONS,
    )


RETINANET: Final = of_the_paper(
    "retinanet",
    "RetinaNet on a ResNet50 that marks seven kinds of lesions in spine radiographs.",
    architecture=RetinaDetector(
        model="resnet50",  # the authors' configuration
        frozen_stages=2,  # their library's default, as all that follows
        freeze_batch_norm=True,
        pyramid=256,
        # Lin et al. 2017, Focal Loss for Dense Object Detection, section 4
        anchors=Anchors(side=4.0, octaves=3, ratios=(0.5, 1.0, 2.0), matched=0.5, unmatched=0.4),
        gamma=2.0,  # section 4.1
        alpha=0.25,
        box_weight=1.0,
    ),
    rule=RULE,
    clip=None,
    claims=figures_of("Table 4", 14.53, 25.35, 41.67, 32.14, 65.49, 51.85, 5.30, 28.09),
    unstated=(
        RATE,
        DEFAULTS,
        BACKBONES,
        VALIDATION,
        "The last column of Table 4 is not the mean of the others (that of this row is 33.76); Table 5 agrees with itself.",
    ),
)

FASTER_RCNN: Final = of_the_paper(
    "faster_rcnn",
    "Faster R-CNN on a ResNet50 that marks seven kinds of lesions in spine radiographs.",
    architecture=FasterDetector(
        model="resnet50",
        frozen_stages=2,
        freeze_batch_norm=True,
        pyramid=256,
        # Lin et al. 2017, Feature Pyramid Networks, section 4.1; limits of Ren et al. 2015, section 3.1.2
        anchors=Anchors(side=8.0, octaves=1, ratios=(0.5, 1.0, 2.0), matched=0.7, unmatched=0.3),
        rpn_batch_size=256,  # Ren et al. 2015, section 3.1.3
        candidates=(2000, 1000),  # Lin et al. 2017
        proposals=(1000, 1000),
        rpn_nms_iou=0.7,  # Ren et al. 2015, section 3.3
        roi_batch_size=512,  # Lin et al. 2017
        roi_positive_fraction=0.25,
        roi_fg_iou=0.5,
        hidden=1024,
    ),
    rule=RULE,
    clip=None,
    claims=figures_of("Table 4", 22.66, 35.99, 49.24, 31.68, 65.22, 51.68, 2.16, 31.83),
    unstated=(
        RATE,
        DEFAULTS,
        BACKBONES,
        VALIDATION,
        "The last column of Table 4 is not the mean of the others (36.95).",
    ),
)

EFFICIENTDET: Final = of_the_paper(
    "efficientdet_d0",
    "EfficientDet-D0 that marks seven kinds of lesions in spine radiographs.",
    architecture=EfficientDetector(
        model="efficientnet_b0",  # Tan et al. 2020, table 1, as the next three
        pyramid=64,
        layers=3,
        blocks=3,
        norm_momentum=0.01,  # section 5.1, as the focal loss
        anchors=Anchors(side=4.0, octaves=3, ratios=(0.5, 1.0, 2.0), matched=0.5, unmatched=0.5),
        gamma=1.5,
        alpha=0.25,
        box_weight=1.25,  # its code: 50 x Huber's loss (0.1), a quarter for each side
    ),
    rule=RULE,
    clip=None,
    claims=figures_of("Table 4", 17.05, 24.19, 42.69, 35.18, 61.85, 52.53, 2.45, 28.73),
    unstated=(
        RATE,
        DEFAULTS,
        "Which of the family: the smallest, D0, here at the size of the other detectors' images.",
        VALIDATION,
        "The last column of Table 4 is not the mean of the others (33.71).",
    ),
)

SPARSE_RCNN: Final = of_the_paper(
    "sparse_rcnn",
    "Sparse R-CNN on a ResNet50 that marks seven kinds of lesions in spine radiographs: the paper's best detector.",
    architecture=SparseDetector(
        model="resnet50",
        frozen_stages=2,
        freeze_batch_norm=True,
        pyramid=256,
        proposals=100,  # the authors' configuration
        stages=6,  # Sun et al. 2021, section 4, as all that follows
        heads=8,
        dynamic=64,
        hidden=2048,
        gamma=2.0,
        alpha=0.25,
        class_weight=2.0,
        l1_weight=5.0,
        giou_weight=2.0,
    ),
    rule=RULE_WITHOUT_NMS,
    clip=1.0,
    claims=figures_of("Table 4", 20.09, 32.67, 48.16, 45.32, 72.20, 49.30, 5.41, 33.15),
    unstated=(
        RATE,
        DEFAULTS,
        VALIDATION,
        "The last column of Table 4 is not the mean of the others (39.02); that of Table 5, detector only, is: the same 33.15.",
    ),
)

POINT: Final = detector(
    "point",
    "Osteon's own anchor-free detector on MobileNetV2, on the same images: in none of the paper's tables.",
    source="The Osteon developers, 2026",
    architecture=ours.ARCHITECTURE,
    rule=RULE,
    optimizer=ours.OPTIMIZER,
    schedule=ours.SCHEDULE,
    averaging=ours.AVERAGING,
    claims=(),
    unstated=(),
    deviations=(
        "It is not in the paper; images, policy and length of the training are those of the paper's detectors.",
    ),
)

FRAMEWORK: Final = FusionRecipe(
    name="vindr_spinexr/framework",
    summary="The ensemble and the best detector together: the ensemble decides which boxes are kept (2.3).",
    source=SOURCE,
    classifier=ENSEMBLE,
    detectors=(SPARSE_RCNN, FASTER_RCNN, RETINANET, EFFICIENTDET),  # 3.2: the first is the best in the paper
    claims=(
        # Of Sparse R-CNN, with other figures for each lesion than in Table 4.
        *figures_of(
            "Table 5, detector only", 18.06, 28.89, 34.23, 41.52, 62.45, 42.85, 4.03, 33.15,
            measured="fusion.detector",
        ),
        *figures_of(
            "Table 5, whole framework", 21.43, 27.36, 34.78, 41.29, 62.53, 43.39, 4.16, 33.56,
            measured="fusion.rule",
        ),
        Claim("fusion.change.map50", 0.0041, None, "4"),
        Claim("fusion.image.change.auroc", 0.0158, None, "4: probability averaged with the best box"),
    ),
    unstated=("c* is Youden's point of the classifier on the validation part, as 2.3 says of the classifier alone.",),
    deviations=(
        "Confidences are calibrated on the validation part, so that 0.5 is a chance of one half that a box is right.",
        "Where several detectors were trained, the best on the validation part is taken; in the paper, on the test part.",
    ),
)  # fmt: skip

DETECTORS: Final[tuple[AnyRecipe, ...]] = (FASTER_RCNN, RETINANET, EFFICIENTDET, SPARSE_RCNN, FRAMEWORK, POINT)
"""In the order of Tables 4 and 5, and then what is in neither."""
