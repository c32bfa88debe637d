"""Numbers of *Real-Time Bone Fracture Detection Using MobileNetV2* beside the four figures that its recipe claims."""

from __future__ import annotations

from typing import Final

from osteon.learning.recipe import Statement
from osteon.learning.recipes.statements import OTHERS, counted

CONTRADICTION: Final = (
    "the paper's counts contradict its accuracy, and the test images are not published: with 14 + 2 errors of 2,034 images the "
    "accuracy would be 99.21 %, not 89.26 %; that of 2,034 is 218 errors"
)

STATEMENTS: Final[tuple[Statement, ...]] = (
    Statement(
        "False negatives",
        14,
        "IV.B, Figure 3",
        CONTRADICTION,
        note="The abstract counts them of 1,018 cases (1.38 %), IV.B of 2,034 images (0.69 %).",
    ),
    Statement("False positives", 2, "IV.B, Figure 3", CONTRADICTION),
    Statement(
        "False negatives of all test images", 0.0069, "IV.B", CONTRADICTION, note="14 of 2,034; 14 of 1,018 are 1.38 %."
    ),
    Statement("Test images", 2034, "IV.B", CONTRADICTION),
    Statement("Cases that false negatives are counted of", 1018, "Abstract, Table I", CONTRADICTION),
    Statement(
        "Accuracy", 0.8926, "Table IV, proposed method", "it is the accuracy of IV.B again, which the recipe claims"
    ),
    *counted(
        "Table IV",
        OTHERS,
        {
            "Accuracy of [1]": 0.8867,
            "Accuracy of [2]": 0.8191,
            "Accuracy of [4]": 0.695,
            "Accuracy of [8]": 0.8780,
            "Accuracy of [9]": 0.828,
            "Accuracy of [15]": 0.86,
        },
    ),
    *counted(
        "III.F",
        "no run on the paper's data exists; every run draws its own curves, with the epoch at which each phase ended",
        {"Epoch of convergence, earliest": 14, "Epoch of convergence, latest": 17},
    ),
    Statement(
        "Epoch from which accuracy is stable",
        10,
        "IV.A, Figure 2",
        "it is read from a curve by eye; every run draws its own",
    ),
    *counted(
        "III.G",
        "it is the machine that the paper's page runs on; Osteon's own speed is in the documentation",
        {"Processors of the deployment": 2, "Memory of the deployment, GB": 4},
    ),
)
