"""*FractuVision*: Table 1 and the figures of section 5, what it leaves open, and every other number of it."""

from __future__ import annotations

from typing import Final

from osteon.learning.recipe import Claim, Statement
from osteon.learning.recipes.statements import DATASET, OTHERS, Setting, counted, settings

MAJORITY: Final = (
    "On the paper's test part (200 of 283 images without a fracture) always answering no fracture is right in 70.7 %, "
    "more than the "
    "66.5 % of ResNet + MLP."
)

TABLE_1: Final = {
    "resnet_mlp": Claim("classes.accuracy", 0.665, None, "Table 1", note=MAJORITY, table="Table 1"),
    "vit_base": Claim("classes.accuracy", 0.900, None, "Table 1", table="Table 1"),
    "dinov2_small": Claim("classes.accuracy", 0.928, None, "Table 1", table="Table 1"),
    "dinov2_large": Claim("classes.accuracy", 0.961, None, "Table 1", table="Table 1"),
}

OF_DINOV2_SMALL: Final = (
    Claim("classes.fracture.precision", 0.9440, None, "5.2"),
    Claim("classes.fracture.recall", 0.9201, None, "5.2"),
)

COUNTS: Final = (
    "A count holds for the paper's own 83 images with 91 boxes, at IoU 0.45 and confidence 0.25: 50 of 91 are 54.9 %, 50 of 65 "
    "are 76.9 %."
)

OF_BOXES: Final = (
    Claim("detection.map50", 0.53, None, "5.3"),
    Claim("detection.map", 0.22, None, "5.3"),
    Claim("detection.precision", 0.77, None, "5.3: IoU 0.45, confidence 0.25"),
    Claim("detection.recall", 0.55, None, "5.3: IoU 0.45, confidence 0.25"),
    Claim("detection.boxes_marked", 91, None, "5.3", note=COUNTS, kind="count"),
    Claim("detection.boxes_found", 50, None, "5.3, Figure 3", note=COUNTS, kind="count"),
    Claim("detection.boxes_missed", 41, None, "5.3, Figure 3", note=COUNTS, kind="count"),
    Claim("detection.boxes_false", 15, None, "5.3, Figure 3", note=COUNTS, kind="count"),
)

LISTS: Final = (
    "The publisher's lists of images with a fracture hold 574, 82 and 61 images; the paper has 575, 62 and 83 in its training, "
    "validation and test part. These are the same lists with their heading counted, the last two in each other's place: both "
    "have 1.1 boxes an image, so that the paper's 91 boxes of the test part fit 82 images and not 61. So the publisher's "
    "validation list is the test part here, and its test list the validation part."
)

NO_LISTS: Final = (
    "The paper's 3,000, 163 and 200 images without a fracture are in no published list: they are divided at random in that "
    "proportion, by single images, as the paper says nothing of near duplicates. Images that cannot be decoded are left out, so "
    "that the parts are a little smaller; those that the publisher lists in no part are divided with them."
)

DEVIATIONS: Final = (
    "The whole image is shown in its proportions; the library's processor cuts out the middle.",
    "One mean and one deviation for all three channels, instead of ImageNet's three: the images are grey.",
)

CLUSTERS: Final = "The split keeps near duplicates in one part; the paper's does not say so."

SUBSET: Final = "The share of the balanced subset is kept, but its normal images are sampled anew in every epoch."

LIGHTLY: Final = (
    "Side of the views and temperature of the pre-training: the defaults of Lightly's command (64 px, 0.5).",
    (
        "Batch, rate and head of the pre-training: 64, 0.06 with momentum 0.9, and 32 values, as Lightly's "
        "examples have them. Its "
        "command has 16, 1.0 without momentum, and 128 values, as the variant resnet_mlp_lightly has."
    ),
    "Width of the blocks, optimiser, rate and epochs of the perceptron: 32 units, Adam, 0.001, 30.",
)

RANDOM_START: Final = (
    "The pre-training starts at random. Lightly's command has `pre_trained: True` by default and then starts from its makers' "
    "SimCLR checkpoint of this ResNet18 (resnet-18/simclr/d32/w1.0 of its model zoo). That is a pickle, which Osteon does not "
    "load, without a stated licence, for a ResNet of Lightly's own with another first layer and split batch norms; whether the "
    "paper used it or set pre_trained=False is not said."
)

LOSS: Final = "a loss depends on what is minimised and on calibration: runs log theirs, evaluations have no such figure"
GIVEN_UP: Final = "it is a setting that the authors tried and gave up; `--set` makes it"
LABELLERS: Final = "it says who made the labels"
LOGS: Final = "it changes no result"

STATEMENTS: Final[tuple[Statement, ...]] = (
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
    *counted(
        "3",
        DATASET,
        {
            "Images": 4083,
            "Hospitals": 3,
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
    *counted("3", LABELLERS, {"Radiologists": 2, "Orthopaedists": 1}),
    Statement(
        "Accuracy of always answering no fracture",
        200 / 283,
        "3, computed from the test part of section 3",
        "it follows from the counts of the test part: 200 of 283 images show no fracture",
        about="resnet_mlp",
        measured="majority",
        note="Above the 66.5 % of ResNet + MLP. The paper does not print it.",
    ),
    *settings("3.1", "resnet_mlp", Setting("Side of the images, at most", 512, "cache_side")),
    Statement(
        "Bits of the pixels",
        16,
        "3.1",
        "FracAtlas has 8 bits: its files are read as they are, which loses nothing of them",
        about="resnet_mlp",
    ),
    *settings("4.1.2", "vit_base", Setting("Side of the input", 224, "preprocessing.height")),
    Statement("Side of a patch", 16, "4.1.2", "it is of the published network, vit_base_patch16_224", about="vit_base"),
    *settings(
        "4.2",
        "yolov8",
        Setting("IoU from which a fracture is found", 0.45, "confusion_iou"),
        Setting("Confidence from which a box counts", 0.25, "confusion_confidence"),
    ),
    *settings(
        "5.1",
        "resnet_mlp",
        Setting("Epochs without labels", 100, "pretraining.epochs"),
        Setting("Width of the embedding", 32, "architecture.embedding"),
        Setting("Images without a fracture that the perceptron learns from", 1000, "subset_negative"),
        Setting("Images with a fracture that it learns from", 575, "subset_positive"),
        Setting("Blocks of the perceptron", 2, "architecture.blocks"),
        Setting("Dropout of the perceptron", 0.65, "architecture.dropout"),
        Setting("L2 regularisation of the perceptron", 0.01, "loss.l2"),
    ),
    *counted(
        "5.1",
        GIVEN_UP,
        {"Blocks at first": 5, "Dropout at first": 0.5, "L2 regularisation at first": 0.001},
    ),
    *settings(
        "5.2",
        "dinov2_small",
        Setting("Share of the training part", 0.81, "split.train"),
        Setting("Share of the validation part", 0.09, "split.val"),
        Setting("Share of the test part", 0.10, "split.test"),
        Setting("Learning rate", 2e-5, "optimizer.lr"),
        Setting("Batch size", 16, "sampling.batch_size"),
        Setting("Epochs", 5, "all_epochs"),
        Setting("Epsilon of AdamW", 1e-8, "adam_epsilon"),
        Setting("First beta of AdamW", 0.9, "adam_first_beta"),
        Setting("Second beta of AdamW", 0.999, "adam_second_beta"),
        Setting("Weight decay", 0.01, "optimizer.weight_decay"),
    ),
    *counted("5.2", LOGS, {"Batch size of the evaluation": 32, "Steps between two lines of the log": 10}),
    Statement("Training loss", 0.2914, "5.2", LOSS, about="dinov2_small"),
    Statement("Test loss", 0.3645, "5.2", LOSS, about="dinov2_small"),
    Statement(
        "Accuracy of the text",
        0.9288,
        "5.2",
        "it is the accuracy of Table 1 (92.8 %) to four places, which the recipe claims",
        about="dinov2_small",
    ),
    *settings(
        "5.3",
        "yolov8",
        Setting("Epochs", 100, "epochs"),
        Setting("Lowest IoU of mAP50 and mAP50-95", 0.5, "map50_iou"),
        Setting("Highest IoU of mAP50-95", 0.95, "map_highest_iou"),
    ),
    Statement(
        "Images of the training set",
        720,
        "5.3",
        "it contradicts section 3, where 720 are all images with a fracture and 575 those of the training part",
        about="yolov8",
    ),
    *counted("5.3", DATASET, {"Fractures in one image, at most": 5}),
    Statement("Images of the test part of the detector", 83, "5.3", "", about="detector", measured="test_images"),
)
