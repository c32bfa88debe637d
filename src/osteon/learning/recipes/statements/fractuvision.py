"""Numbers of *FractuVision* beside Table 1 and the figures of section 5.3."""

from __future__ import annotations

from typing import Final

from osteon.learning.recipe import Statement
from osteon.learning.recipes.statements import DATASET, OTHERS, counted

LOSS: Final = "a loss depends on what is minimised and on calibration: runs log theirs, evaluations have no such figure"
BOXES: Final = (
    "a count holds for the paper's own 83 test images: precision and recall made of it are compared, and the report of "
    "`osteon reproduce` draws the same confusion matrix"
)
MAJORITY: Final = "it follows from the counts of the test part: 200 of 283 images show no fracture"

STATEMENTS: Final[tuple[Statement, ...]] = (
    Statement(
        "Accuracy of always answering no fracture",
        200 / 283,
        "3, computed from the test part of section 3",
        MAJORITY,
        about="resnet_mlp",
        note="Above the 66.5 % of ResNet + MLP. The paper does not print it.",
    ),
    Statement("Training loss", 0.2914, "5.2", LOSS, about="dinov2_small"),
    Statement("Test loss", 0.3645, "5.2", LOSS, about="dinov2_small"),
    Statement("Boxes of the test part that are found", 50, "5.3, Figure 3", BOXES, about="yolov8"),
    Statement("Boxes of the test part that are missed", 41, "5.3, Figure 3", BOXES, about="yolov8"),
    Statement("False boxes", 15, "5.3, Figure 3", BOXES, about="yolov8"),
    Statement(
        "Boxes of the test part", 91, "5.3", BOXES, about="yolov8", note="50 of 91 are 54.9 %, 50 of 65 are 76.9 %."
    ),
    Statement("Images of the test part of the detector", 83, "5.3", DATASET, about="yolov8"),
    *counted(
        "3",
        DATASET,
        {
            "Images": 4083,
            "Images with a fracture": 720,
            "Fractures": 922,
            "Images with a fracture, training part": 575,
            "Images with a fracture, validation part": 62,
            "Images with a fracture, test part": 83,
            "Images without a fracture": 3363,
            "Images without a fracture, training part": 3000,
            "Images without a fracture, validation part": 163,
            "Images without a fracture, test part": 200,
        },
    ),
    *counted(
        "2",
        OTHERS,
        {
            "Accuracy of Yadav & Rathor": 0.92,
            "Average precision of Nguyen et al.": 0.819,
            "AP50 of Hardalac et al.": 0.58,
            "Average precision of Guan et al.": 0.889,
            "C-index of Kong et al.": 0.612,
            "Accuracy of Sahin": 0.8867,
        },
    ),
)
