"""*Real-Time Bone Fracture Detection Using MobileNetV2*: its figures, what it leaves open, and every other number of it."""

from __future__ import annotations

from typing import Final

from osteon.learning.recipe import Claim, Statement
from osteon.learning.recipes.statements import OTHERS, Setting, counted, searched, settings

COUNTS: Final = (
    "The paper's 14 and 2 errors contradict its accuracy: of 2,034 images (IV.B) 218 errors are 89.26 %, and with 16 it would be "
    "99.21 %. A count holds for the paper's own test images, which are not published."
)

CLAIMS: Final = (
    Claim("classes.accuracy", 0.8926, None, "IV.B, Table IV"),
    Claim("classes.weighted.precision", 0.9152, None, "IV.B"),
    Claim("classes.weighted.recall", 0.8926, None, "IV.B"),
    Claim("classes.weighted.f1", 0.8904, None, "IV.B"),
    Claim("classes.fracture.false_negatives", 14, None, "IV.B, Figure 3", note=COUNTS, kind="count"),
    Claim("classes.fracture.false_positives", 2, None, "IV.B, Figure 3", note=COUNTS, kind="count"),
)

UNSTATED: Final = (
    "The public source of the images is not named: any folder of classes is taken.",
    "The dense layer between the two dropouts has no stated size: 128 units.",
    "How the 20 epochs divide over the two phases: 5 and 15.",
    "How images reach 224 x 224: stretched, as Keras's image generator does.",
    "What fills the border after a shift or rotation: black.",
    (
        "What EarlyStopping and ReduceLROnPlateau watch: validation accuracy, as ModelCheckpoint does; the learning rate "
        "follows the validation loss."
    ),
    (
        "Whether brightness is added or multiplied: up to 0.2 is added to pixels in [0, 1]; Keras's image generator "
        "multiplies, as the variant keras does."
    ),
    (
        "How the zoom is drawn: evenly in its logarithm, alike along both axes; Keras draws a factor of 0.8 "
        "to 1.2 for each "
        "axis by itself, as the variant keras does."
    ),
    (
        "How the patience of ReduceLROnPlateau counts: PyTorch lowers the rate after the fourth epoch without "
        "improvement, "
        "Keras after the third, as the variant keras does."
    ),
    "The two operating points are ours; the paper calls at 0.5.",
)

DEVIATIONS: Final = (
    "The split keeps near duplicates together; the paper draws single images.",
    (
        "The paper's counts contradict its accuracy: 14 false negatives (of 1,018 in the abstract, of 2,034 "
        "in IV.B, there "
        "0.69 %) and 2 false positives leave 99.2 % of 2,034 right, not 89.26 %. The accuracy is taken as the claim, and the "
        "counts are compared besides."
    ),
    (
        "No ImageNet weights of width 0.75 are published for PyTorch. Where OSTEON_WEIGHTS holds none, all layers are "
        "trained from a random start in both phases, because a frozen random backbone learns nothing; the run says so."
    ),
)

CONTRADICTION: Final = "the paper divides 14 by 2,034 here and by 1,018 elsewhere; the count itself is compared"
CURVES: Final = (
    "no run on the paper's data exists; every run draws its own curves, with the epoch at which each phase ended"
)
PAGE: Final = "it is the machine that the paper's page runs on; Osteon's own speed is in the documentation"
RECIPE: Final = "mobilenet_elbow"

STATEMENTS: Final[tuple[Statement, ...]] = (
    Statement("Cases that false negatives are counted of", 1018, "Abstract, Table I", CONTRADICTION),
    *settings("III.A", "three_classes", Setting("Clinical groups", 3, "labels")),
    *settings(
        "III.A",
        RECIPE,
        Setting("Share of the training part", 0.70, "split.train"),
        Setting("Share of the validation part", 0.15, "split.val"),
        Setting("Share of the test part", 0.15, "split.test"),
        Setting("Rotation to both sides, degrees", 20, "augmentation.rotation"),
        Setting("Zoom, at most", 0.2, "largest_zoom"),
        Setting("Shift to both sides", 0.2, "augmentation.shift"),
        Setting("Change of brightness to both sides", 0.2, "augmentation.brightness"),
    ),
    *settings(
        "III.B and III.D, Table II",
        RECIPE,
        Setting("Side of the input", 224, "preprocessing.height"),
        Setting("Channels of the input", 3, "preprocessing.channels"),
        Setting(
            "Mean taken from pixels in [0, 1]", 0, "preprocessing.mean", "Pixels stay in [0, 1], as III.B has them."
        ),
        Setting("Classes of the head", 2, "labels"),
        Setting("Alpha", 0.75, "architecture.width"),
        Setting("Layers that are fine-tuned", 30, "last_layers"),
    ),
    *settings(
        "III.D, Table III",
        RECIPE,
        Setting("Learning rate", 0.0001, "optimizer.lr"),
        Setting("Batch size", 64, "sampling.batch_size"),
        Setting("First dropout", 0.7, "architecture.dropout_first"),
        Setting("Second dropout", 0.5, "architecture.dropout_second"),
        Setting("L2 regularisation", 0.01, "loss.l2"),
    ),
    Statement("Third dropout rate of the text", 0.0, "III.E", "it is a misprint (.0): Table III has 0.7"),
    *searched("Table III", RECIPE, "optimizer.lr", "Learning rate", 0.1, 0.01, 0.001, 0.0001),
    *searched("Table III", RECIPE, "sampling.batch_size", "Batch size", 32, 64, 128),
    *searched("Table III", RECIPE, "architecture.dropout_first", "Dropout", 0.3, 0.5, 0.7),
    *searched("Table III", RECIPE, "loss.l2", "L2 regularisation", 0.1, 0.01, 0.001),
    *searched("Table III", RECIPE, "architecture.width", "Alpha", 0.35, 0.5, 0.75, 1.0),
    *settings(
        "III.F",
        RECIPE,
        Setting("Patience of EarlyStopping, epochs", 5, "selection.patience"),
        Setting("Factor of ReduceLROnPlateau", 0.2, "schedule.factor"),
        Setting("Patience of ReduceLROnPlateau, epochs", 3, "schedule.patience"),
        Setting("Epochs, at most", 20, "all_epochs"),
    ),
    *counted("III.F", CURVES, {"Epoch of convergence, earliest": 14, "Epoch of convergence, latest": 17}),
    *counted("III.G", PAGE, {"Processors of the deployment": 2, "Memory of the deployment, GB": 4}),
    Statement(
        "Epoch from which accuracy is stable",
        10,
        "IV.A, Figure 2",
        "it is read from a curve by eye; every run draws its own",
    ),
    Statement(
        "Test images",
        2034,
        "IV.B",
        "",
        about=RECIPE,
        measured="test_images",
        note="The paper's are not published; ours are those of the kept report.",
    ),
    Statement(
        "False negatives of all test images", 0.0069, "IV.B", CONTRADICTION, note="14 of 2,034; 14 of 1,018 are 1.38 %."
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
    Statement(
        "Accuracy", 0.8926, "Table IV, proposed method", "it is the accuracy of IV.B again, which the recipe claims"
    ),
)
