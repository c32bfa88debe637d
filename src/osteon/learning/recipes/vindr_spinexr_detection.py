"""Detectors of seven kinds of lesions in spine radiographs, which work together with the classifier of ``vindr_spinexr``.

Nguyen, Pham, Nguyen, Nguyen, Huynh, Dao, Vu (2021), *VinDr-SpineXR: A deep learning framework for spinal lesions detection
and classification from radiographs*. Numbers carry the section or table that they come from. Where the paper is silent, the
configuration that its authors published is taken: of the detectors that of Sparse R-CNN alone, besides those of the three
DenseNets. Where that is silent too, what was chosen is said. Figures and sentences stand in ``statements/vindr_spinexr_*.py``.
"""

from __future__ import annotations

from dataclasses import replace
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
    Milestones,
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
from osteon.learning.recipes.statements.vindr_spinexr_claims import LESIONS, OF_THE_FRAMEWORK, TABLE_4
from osteon.learning.recipes.statements.vindr_spinexr_gaps import (
    DEVIATIONS_OF_DETECTORS,
    DEVIATIONS_OF_FRAMEWORK,
    OF_DETECTORS,
    OF_FRAMEWORK,
)
from osteon.learning.recipes.vindr_spinexr_classification import (
    AUGMENTATION,
    ENSEMBLE,
    INDICATED,
    SEEDS,
    SOURCE,
    SPLIT,
)

RULE: Final = BoxRule(
    max_detections=100,
    nms_iou=0.5,
    score_threshold=0.05,
    doubt_sensitivity=0.75,
    definite_precision=0.75,
    fusion=0.5,
)

RULE_WITHOUT_NMS: Final = replace(RULE, nms_iou=1.0, score_threshold=0.0)
"""A set of proposals needs no suppression, and all of them are given out."""


def sgd(clip: float | None) -> Optimizer:
    """The optimiser of the paper's detectors; where gradients are clipped, by value as Detectron2 does."""
    return Optimizer(
        name="sgd",
        lr=1e-3,
        head_lr=1e-3,
        momentum=0.9,
        weight_decay=1e-4,
        clip=clip,
        clip_by="value" if clip else "norm",
    )


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


def of_the_paper(
    name: str,
    summary: str,
    *,
    architecture: DetectorArchitecture,
    rule: BoxRule,
    clip: float | None,
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
        claims=TABLE_4[name],
        unstated=OF_DETECTORS[name],
        deviations=DEVIATIONS_OF_DETECTORS,
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
)

SPARSE_DETECTION: Final = SPARSE_RCNN.detection

SPARSE_RCNN_BY_CODE: Final = replace(
    SPARSE_RCNN,
    name="vindr_spinexr/sparse_rcnn_code",
    summary="Sparse R-CNN as the authors' code has it: 4 images a step, warm-up, suppression at an IoU of 0.7, the last state.",
    sampling=replace(SPARSE_RCNN.sampling, batch_size=4, images_per_epoch=4_000),  # as many steps
    schedule=Milestones(shares=(0.6,), factor=0.1, warm_up=1000),
    selection=replace(SPARSE_RCNN.selection, keep="last"),
    detection=SPARSE_DETECTION and replace(SPARSE_DETECTION, rule=replace(RULE_WITHOUT_NMS, nms_iou=0.7)),
    claims=(),
)
"""``spine/configs/sparsercnn.yaml``, ``spine/sparsercnn/detector.py`` and Detectron2's defaults."""

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
    claims=OF_THE_FRAMEWORK,
    unstated=OF_FRAMEWORK,
    deviations=DEVIATIONS_OF_FRAMEWORK,
)

DETECTORS: Final[tuple[AnyRecipe, ...]] = (FASTER_RCNN, RETINANET, EFFICIENTDET, SPARSE_RCNN, FRAMEWORK, POINT)
"""In the order of Tables 4 and 5, and then what is in neither."""
