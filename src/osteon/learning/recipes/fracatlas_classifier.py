"""The classifier that Osteon shipped until 1.4.0: fractures of hand, leg, hip and shoulder, learnt from FracAtlas."""

from __future__ import annotations

from typing import Final

from osteon.core.labels import BodyPart
from osteon.imaging.preprocess import Preprocessing
from osteon.learning.recipe import (
    Augmentation,
    Claim,
    ImageSelection,
    Indicated,
    Loss,
    MobileNetLocator,
    OneCycle,
    OperatingRule,
    Optimizer,
    Phase,
    Recipe,
    Sampling,
    Selection,
    SplitRule,
    Task,
)

SPLIT: Final = SplitRule(
    train=0.76,
    val=0.12,
    test=0.12,
    group=("run", "cluster", "lookalike"),
    stratify=("label_fracture", "body_part", "hardware"),
    keep=(),
    seed=0,
    kept=None,
)

INDICATED: Final = Indicated(
    body_parts=(
        BodyPart.HAND,
        BodyPart.FINGER,
        BodyPart.WRIST,
        BodyPart.FOREARM,
        BodyPart.ELBOW,
        BodyPart.HUMERUS,
        BodyPart.FEMUR,
        BodyPart.KNEE,
        BodyPart.LEG,
        BodyPart.ANKLE,
        BodyPart.FOOT,
    ),
    minimum_age=1.0,
    maximum_age=110.0,
    minimum_side=160,
    novelty_share=0.002,
    intended_use="Research on a second reading of bone radiographs for fractures, after a reader has read the image.",
    not_for=(
        "Decisions on patients: it was never tried in a clinic and is no medical device.",
        "Ruling out a fracture: at its most sensitive operating point it still misses some.",
        (
            "Hip, pelvis and shoulder: it learnt from images of them, but too few show a fracture to tell how it does. It "
            "abstains where the file, or who has it read, states such a body part; from 1.4.0 also where neither states any and "
            "the gate takes the image for one."
        ),
        "Skull, spine, ribs and chest, which it never saw.",
        "Infants: growth plates and their fractures are hardly in the training data.",
        "Images after surgery, where plates and screws mislead it; see the figures with hardware.",
    ),
    limits=(
        (
            "Which body part an image shows is told from its pixels only by the gate of 1.4.0, and only roughly: where neither "
            "the file nor its sender states it, an image of a part that is not indicated is read like any other if the gate "
            "lets it through. The test part of fracatlas 1.3.0 had 18 images of hips and 9 of "
            "shoulders, with one fracture each; both were missed, which is why 1.3.1 no longer indicates them. Its figures on "
            "the other 382 images are higher for that reason alone: the networks answer as before (AUROC of 1.3.0 on all 409: "
            "0.953, 0.923 to 0.977)."
        ),
        (
            "Its phase of degraded images was added in view of the robustness figures of version 1.0.0 on the test part of "
            "that time, whose figures were published for each version since: see docs/evidence/ledger.jsonl in the sources."
        ),
        (
            "FracAtlas names no patients, but its image numbers run within a patient, so that intervals resample runs of numbers "
            "with the same body parts, joined by near duplicates. Parts of new runs keep together runs of numbers "
            "with the same body parts, near duplicates and look-alikes; that of fracatlas 1.0.0 to 1.3.1 kept near duplicates "
            "only. Measured with 1.3.0 on 612 images held out from it: AUROC 0.943 for fractures with a fractured neighbour by "
            "number among the other images (n = 91), 0.820 (0.687 to 0.937) without (n = 17); difference 0.004 to 0.257."
        ),
        (
            "All images come from three hospitals in one country; other devices, populations and exposure may lower every "
            "figure. The images are compressed and mostly small (373 x 454); performance at full resolution is not measured."
        ),
        "Ages are not given per image, so no figure by age or sex can be computed; some images show small children.",
        "Labels were made by readers of the images, not by CT or follow-up: what they missed counts as normal here.",
        (
            "On images that were compressed again, blurred, noisy, rotated or inverted it does less well, and "
            "they are seldom refused: see docs/robustness.md in the sources. The thresholds hold for images like those of "
            "FracAtlas."
        ),
        "The highest point of the heat map is not on the fracture in many images: see docs/explanations.md. It is no outline.",
        (
            "The publisher's colour mode, file size and source go partly with the label. Colour is taken away and size is "
            "made equal before the network, but sharpness and borders may still tell."
        ),
    ),
)

CLEAN: Final = Augmentation(
    rotation=25.0,
    zoom=0.25,
    shift=0.08,
    shear=0.1,
    flip_horizontal=0.5,
    flip_vertical=0.3,
    tone_share=1.0,
    gain=0.0,
    brightness=0.12,
    contrast=0.28,
    gamma=0.35,
    blur_share=0.2,
    blur=1.1,
    noise_share=0.2,
    noise=0.03,
    shrink_share=0.0,
    shrink=1.0,
    jpeg_share=0.0,
    jpeg=95,
)

DEGRADED: Final = Augmentation(
    rotation=25.0,
    zoom=0.25,
    shift=0.08,
    shear=0.1,
    flip_horizontal=0.5,
    flip_vertical=0.3,
    tone_share=1.0,
    gain=0.0,
    brightness=0.12,
    contrast=0.28,
    gamma=0.35,
    blur_share=0.3,
    blur=2.0,
    noise_share=0.35,
    noise=0.08,
    shrink_share=0.25,
    shrink=2.2,
    jpeg_share=0.5,
    jpeg=10,
)
"""Images as they arrive by messenger or as a photograph of a screen: smaller, blurred, noisy, compressed."""

RECIPE: Final = Recipe(
    name="fracatlas",
    summary="MobileNetV2 that learns from boxes where the fractures are, while it learns whether there is one.",
    source="The Osteon developers, 2026",
    dataset="fracatlas",
    split=SPLIT,
    images=ImageSelection(views=(), together=False),
    task=Task(labels=("fracture",), positive=("fracture",), activation="sigmoid"),
    preprocessing=Preprocessing(height=448, width=448, fit="letterbox", channels=1, mean=0.5, std=0.5),
    cache_side=512,
    augmentation=CLEAN,
    architecture=MobileNetLocator(width=1.0, fusion=160, features=256, dropout=0.3),
    sampling=Sampling(batch_size=32, images_per_epoch=1600, positive_share=0.35),
    loss=Loss(label_smoothing=0.0, l2=0.0, box_weight=1.0, focal_gamma=2.0),
    detection=None,
    optimizer=Optimizer(name="adamw", lr=6e-4, head_lr=2e-3, momentum=0.0, weight_decay=0.05, clip=5.0),
    schedule=OneCycle(warm_up=0.15),
    pretraining=None,
    # Small inputs first: twice as many images in the same time, and fractures at several scales. Then two networks
    # go on from there, one on clean images and one on degraded ones, and their weights are averaged.
    phases=(
        Phase(name="small", epochs=14, trainable="all", side=352, rate=1.0, augmentation=None, start=None),
        Phase(name="full", epochs=9, trainable="all", side=None, rate=0.5, augmentation=None, start=None),
        Phase(name="worn", epochs=12, trainable="all", side=None, rate=0.5, augmentation=DEGRADED, start="small"),
    ),
    soup=("full", "worn"),
    mirrored=False,
    averaging=0.995,
    selection=Selection(metric="val_auroc", mode="max", patience=None),
    operating=OperatingRule(doubt_sensitivity=0.95, definite_specificity=0.95),
    indicated=INDICATED,
    precision="bf16-mixed",
    seeds=(0, 1, 2, 3, 4),
    claims=(
        Claim(
            "classification.auroc",
            0.913,
            None,
            "plain fine-tuning of MobileNetV2 at 384 px, ten epochs, another test part",
        ),
    ),
    unstated=(),
    deviations=(),
)
