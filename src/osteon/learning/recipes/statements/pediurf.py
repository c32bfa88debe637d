"""*A Comprehensive X-ray Dataset for Pediatric Ulna and Radius Fractures Analysis*: Tables 2 and 3, what is open, other numbers.

"Examples" is the section "Illustrative deep learning examples".
"""

from __future__ import annotations

from typing import Final

from osteon.learning.recipe import Claim, Statement
from osteon.learning.recipes.statements import COLLECTION, DATASET, MACHINE, OTHERS, Setting, counted, settings

METRICS: Final = ("accuracy", "macro.precision", "macro.recall", "macro.f1_of_means")

F1: Final = (
    "The paper's F1 is the harmonic mean of its printed precision and recall (in all 23 rows, within 0.09 points), not the mean "
    "of the classes' F1: the former is compared, the latter shown beside it."
)


def figures_of(table: str, *figures: float) -> tuple[Claim, ...]:
    """A row of the paper's tables: accuracy, precision, recall and F1 in percent, each with its standard deviation."""
    pairs = zip(figures[::2], figures[1::2], strict=True)
    printed = tuple(
        Claim(
            f"classes.{metric}",
            round(value / 100, 6),
            round(spread / 100, 6),
            table,
            note=F1 if metric.endswith("f1_of_means") else "",
            table=table,
        )
        for metric, (value, spread) in zip(METRICS, pairs, strict=True)
    )
    return (*printed, Claim("classes.macro.f1", None, None, table, table=table))


TABLE_2: Final = {
    "urfnet": figures_of("Table 2", 93.51, 0.33, 92.46, 0.81, 92.82, 0.40, 92.63, 0.47),
    "alexnet": figures_of("Table 2", 73.43, 0.29, 75.20, 1.64, 51.93, 0.42, 61.43, 0.59),
    "vgg16": figures_of("Table 2", 83.91, 1.24, 81.36, 1.66, 71.97, 2.89, 76.37, 2.25),
    "vgg19": figures_of("Table 2", 85.09, 0.47, 82.29, 1.17, 74.09, 2.24, 77.95, 1.13),
    "resnet18": figures_of("Table 2", 80.27, 0.94, 82.12, 0.79, 62.82, 1.96, 71.18, 1.37),
    "resnet34": figures_of("Table 2", 85.01, 1.15, 84.14, 1.27, 74.75, 2.18, 79.16, 1.74),
    "resnet50": figures_of("Table 2", 67.13, 1.16, 47.09, 0.50, 37.86, 1.92, 41.95, 1.27),
    "densenet121": figures_of("Table 2", 86.64, 0.64, 85.90, 0.92, 77.28, 1.87, 81.35, 1.21),
    "densenet169": figures_of("Table 2", 64.61, 0.29, 37.92, 2.79, 34.15, 0.58, 35.91, 1.56),
    "mobilenetv2_100": figures_of("Table 2", 66.61, 0.50, 46.58, 0.76, 37.00, 0.70, 41.24, 0.67),
    "mobilenetv3_small_100": figures_of("Table 2", 69.06, 1.07, 79.10, 1.18, 42.01, 1.65, 54.87, 1.65),
    "efficientnet_b0": figures_of("Table 2", 79.01, 1.64, 73.33, 2.73, 69.68, 2.24, 71.45, 2.42),
    "efficientnet_b1": figures_of("Table 2", 65.65, 1.13, 65.35, 4.30, 38.01, 2.56, 47.98, 2.19),
    "vit_tiny_patch16_224": figures_of("Table 2", 85.77, 0.83, 83.65, 0.98, 78.90, 1.64, 81.20, 1.27),
    "vit_small_patch16_224": figures_of("Table 2", 88.22, 0.45, 87.15, 0.34, 83.08, 1.30, 85.06, 0.74),
    "vit_base_patch16_224": figures_of("Table 2", 88.14, 1.54, 86.20, 1.32, 83.06, 3.34, 84.60, 2.37),
    "vit_large_patch16_224": figures_of("Table 2", 89.25, 1.34, 87.30, 1.11, 85.24, 2.85, 86.25, 1.90),
    "deit_tiny_patch16_224": figures_of("Table 2", 83.58, 1.92, 81.41, 2.05, 72.86, 4.33, 76.88, 3.33),
    "deit_small_patch16_224": figures_of("Table 2", 84.61, 2.10, 83.02, 3.50, 75.49, 3.56, 79.07, 3.51),
    "deit_base_patch16_224": figures_of("Table 2", 85.53, 0.73, 85.90, 0.77, 74.39, 1.19, 79.73, 0.91),
    "efficientformer_l1": figures_of("Table 2", 66.74, 0.97, 76.50, 1.44, 38.25, 1.65, 51.00, 1.76),
    "efficientformer_l3": figures_of("Table 2", 66.99, 0.62, 44.22, 0.87, 38.27, 1.02, 41.03, 0.90),
}

TABLE_3: Final = figures_of("Table 3", 93.22, 0.37, 92.42, 0.55, 92.08, 0.59, 92.25, 0.53)
"""URFNet whose views are concatenated; its other row is that of Table 2."""

UNSTATED: Final = (
    "No validation part is named: a fifth of the training cases is held back to select the epoch by.",
    "Momentum of the optimiser: 0.9. Weight decay: none.",
    "Width of queries, keys and values, and of the hidden layer: 64 each, which gives the paper's 21.45 M parameters.",
    "Whether the places of the feature maps or their means are the tokens of the attention: the places.",
    "How images reach 224 x 224: stretched. Normalisation: the grey mean of ImageNet's.",
    "How precision and recall are averaged over the classes: macro.",
    (
        'A StepLR that "smoothly decays the learning rate to 0.0005 over 100 epochs": one step after 100 '
        "epochs, as a StepLR "
        "makes; the variant urfnet_smooth_rate lowers it in every epoch, which leads to 0.00025 after 200."
    ),
)

DEVIATIONS: Final = (
    "Saturation and hue are not changed: the images are grey, so these changes do nothing.",
    "Brightness and contrast factors are drawn evenly in their logarithm, and contrast is changed around mid grey.",
    "One mean and one deviation for all three channels, instead of ImageNet's three: the images are grey.",
)

COMBINED: Final = (
    (
        'Queries, keys and values come "from the combined features": here the queries of a view from it, keys and '
        "values from the "
        'other, as "each view attends to the other"; the variants urfnet_both_views and urfnet_joined_channels make all three of '
        "both views."
    ),
    (
        "Adaptive pooling to a standard size: none, for at 224 x 224 the maps are 7 x 7 and pooling to that changes nothing; the "
        "variant urfnet_pooled pools each view to one place, as the ResNet itself does."
    ),
)
"""Of URFNet."""

MIXED: Final = (
    (
        'The baselines can "only input a single image", so the paper "mixes" the two views as their input, without saying how: '
        "here each image is a case, of either view. The variants resnet34_channels, resnet34_mean and resnet34_side_by_side "
        "make one picture of both views of a study: frontal, lateral and their mean as its three channels, the mean of both, or "
        "one beside the other; `--set architecture.model=NAME` does so with another baseline."
    ),
)
"""Of the baselines."""

NETWORK: Final = "it is of the published ResNet34, which is built as it is"
"""Of the layers of URFNet's streams."""

GREY: Final = "saturation and hue of grey images cannot be changed"

STATEMENTS: Final[tuple[Statement, ...]] = (
    *counted(
        "Background",
        OTHERS,
        {
            "Fractures of children in upper limbs, approximately": 0.80,
            "Fractures that non-specialists overlook, at most": 0.11,
            "Errors of these that change the treatment, nearly": 0.08,
            "Accuracy of Zech et al.": 0.897,
            "AUROC of Zech et al.": 0.96,
            "Images of Das et al.": 3000,
            "Accuracy of ResNet50 by Das et al.": 0.965,
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
    *counted("Abstract", DATASET, {"Images, more than": 10000}),
    *counted("Methods", DATASET, {"First year of the images": 2013, "Last year of the images": 2024}),
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
    *settings("Dataset split", "urfnet", Setting("Share of the test part (4 : 1)", 0.2, "split.test")),
    *settings("Dataset split", "urfnet", Setting("Classes", 3, "labels")),
    *counted(
        "Deep learning-based model", NETWORK, {"Side of the first convolution": 7, "Side of the other convolutions": 3}
    ),
    *settings(
        "Examples",
        "urfnet",
        Setting("Learning rate", 0.001, "optimizer.lr"),
        Setting("Batch size", 32, "sampling.batch_size"),
        Setting("Epochs", 200, "all_epochs"),
        Setting("Learning rate after the decay", 0.0005, "rate_after_decay"),
        Setting("Epochs until the decay", 100, "schedule.every"),
        Setting("Side of the input", 224, "preprocessing.height"),
        Setting("Share flipped left to right", 0.5, "augmentation.flip_horizontal"),
        Setting("Share flipped upside down", 0.5, "augmentation.flip_vertical"),
        Setting("Share whose appearance changes", 0.8, "augmentation.tone_share"),
        Setting("Lowest factor of brightness", 0.8, "smallest_gain", "Ours is 1 / 1.2: the logarithm is even."),
        Setting("Highest factor of brightness", 1.2, "largest_gain"),
        Setting("Lowest factor of contrast", 0.8, "smallest_contrast", "Ours is 1 / 1.2: the logarithm is even."),
        Setting("Highest factor of contrast", 1.2, "largest_contrast"),
    ),
    *counted(
        "Examples",
        GREY,
        {
            "Lowest factor of saturation": 0.8,
            "Highest factor of saturation": 1.2,
            "Lowest shift of the hue": -0.05,
            "Highest shift of the hue": 0.05,
        },
    ),
    *settings(
        "Tables 2 and 3",
        "urfnet",
        Setting("Seeds", 5, "seeds"),
        Setting("Baselines", 21, "baselines"),
    ),
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
)
