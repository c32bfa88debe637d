"""Numbers of *A Comprehensive X-ray Dataset for Pediatric Ulna and Radius Fractures Analysis* beside its Tables 2 and 3."""

from __future__ import annotations

from typing import Final

from osteon.learning.recipe import Statement
from osteon.learning.recipes.statements import COLLECTION, DATASET, MACHINE, OTHERS, counted

STATEMENTS: Final[tuple[Statement, ...]] = (
    Statement(
        "Parameters of URFNet",
        21.45e6,
        "Examples",
        "",
        about="urfnet",
        measured="parameters",
        note="21.45 M as printed.",
    ),
    Statement(
        "Multiply-adds of URFNet for a case",
        7.36e9,
        "Examples",
        "",
        about="urfnet",
        measured="multiply_adds",
        note="7.36 GFLOPs as printed, which are multiply-adds of two views.",
    ),
    Statement("Training time of an epoch", 66.0, "Examples", MACHINE, "s", "urfnet", note="On one GPU."),
    Statement(
        "Time of a single case",
        None,
        "Examples",
        "it depends on the machine: `osteon bench` measures it",
        "ms",
        "urfnet",
        note='"A few milliseconds", without a number.',
    ),
    *counted(
        "Methods, Data annotation and Dataset split",
        DATASET,
        {
            "Cases with a proximal fracture": 572,
            "Cases with a midshaft fracture": 1319,
            "Cases with a distal fracture": 3374,
            "Training part: patients": 4212,
            "Training part: images": 8424,
            "Training part: images of proximal fractures": 922,
            "Training part: images of midshaft fractures": 2108,
            "Training part: images of distal fractures": 5394,
            "Test part: patients": 1053,
            "Test part: images": 2106,
            "Test part: images of proximal fractures": 222,
            "Test part: images of midshaft fractures": 530,
            "Test part: images of distal fractures": 1354,
        },
    ),
    *counted(
        "Table 1",
        COLLECTION,
        {
            "VinDr-SpineXR: images": 10466,
            "PelviXNet: images": 5204,
            "GRAZPEDWRI-DX: images": 20327,
            "PA Pediatric Wrist: images": 2474,
            "FracAtlas: images": 4083,
            "PediCXR: images": 9125,
            "X-ray Bone Fracture: images": 16061,
            "CSXA: images": 4963,
            "Panoramic Mandibular Fracture: images": 498,
            "BIDMC Proximal Femur: images": 823,
        },
    ),
    *counted(
        "Background",
        OTHERS,
        {
            "Accuracy of Zech et al.": 0.897,
            "AUROC of Zech et al.": 0.96,
            "Accuracy of ResNet50 by Das et al.": 0.965,
            "Images of Das et al.": 3000,
            "Fractures that non-specialists overlook, at most": 0.11,
        },
    ),
)
