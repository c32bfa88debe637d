"""The published networks that a recipe may name, and where they come from.

A network is one line here. Its family, a file of ``models``, says how it ends in logits and how its map is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from osteon.core.errors import RecipeError

Lite = Literal["tf_efficientnet_lite0", "tf_efficientnet_lite2"]
"""Networks that may stand in place of MobileNetV2 as a backbone with strides."""

Family = Literal["pooled", "mobilenetv3", "dense", "transformer", "efficientformer"]


@dataclass(frozen=True, slots=True)
class Published:
    """A network of timm's or torchvision's.

    Attributes:
        name: in recipes, and in its library.
        title: as the papers write it.
        library: that builds it.
        family: the file of ``models`` that gives it its head and its map.
        side: of the square input that the papers use, in pixels.
        step: sides of an input are multiples of it: the patch of a transformer; where padding depends on even sides, the last
            stride.
        weights: name of the published weights in the library; None where it has none.
        scale: of the pixels that those weights expect: mean and deviation of ImageNet, or [-1, 1].
    """

    name: str
    title: str
    library: Literal["timm", "torchvision"]
    family: Family
    side: int
    step: int
    weights: str | None
    scale: Literal["ImageNet", "[-1, 1]"]


PUBLISHED: Final[tuple[Published, ...]] = (
    Published("alexnet", "AlexNet", "torchvision", "dense", 224, 1, "IMAGENET1K_V1", "ImageNet"),
    Published("vgg16", "VGG16", "torchvision", "dense", 224, 1, "IMAGENET1K_V1", "ImageNet"),
    Published("vgg19", "VGG19", "torchvision", "dense", 224, 1, "IMAGENET1K_V1", "ImageNet"),
    Published("resnet18", "ResNet18", "timm", "pooled", 224, 1, "tv_in1k", "ImageNet"),
    Published("resnet34", "ResNet34", "timm", "pooled", 224, 1, "tv_in1k", "ImageNet"),
    Published("resnet50", "ResNet50", "timm", "pooled", 224, 1, "tv_in1k", "ImageNet"),
    Published("densenet121", "DenseNet121", "timm", "pooled", 224, 1, "tv_in1k", "ImageNet"),
    Published("densenet169", "DenseNet169", "timm", "pooled", 224, 1, "tv_in1k", "ImageNet"),
    Published("densenet201", "DenseNet201", "timm", "pooled", 224, 1, "tv_in1k", "ImageNet"),
    Published("mobilenetv2_035", "MobileNetV2 0.35", "timm", "pooled", 224, 1, None, "ImageNet"),
    Published("mobilenetv2_050", "MobileNetV2 0.5", "timm", "pooled", 224, 1, "lamb_in1k", "ImageNet"),
    Published("mobilenetv2_075", "MobileNetV2 0.75", "timm", "pooled", 224, 1, None, "ImageNet"),
    Published("mobilenetv2_100", "MobileNet_V2", "timm", "pooled", 224, 1, "ra_in1k", "ImageNet"),
    Published("mobilenetv3_small_100", "MobileNet_V3_Small", "timm", "mobilenetv3", 224, 1, "lamb_in1k", "ImageNet"),
    Published("efficientnet_b0", "EfficientNet_B0", "timm", "pooled", 224, 1, "ra_in1k", "ImageNet"),
    Published("efficientnet_b1", "EfficientNet_B1", "timm", "pooled", 224, 1, "ft_in1k", "ImageNet"),
    # Made for integers: ReLU6, no squeeze-and-excitation.
    Published("tf_efficientnet_lite0", "EfficientNet-Lite0", "timm", "pooled", 224, 32, "in1k", "[-1, 1]"),
    Published("tf_efficientnet_lite2", "EfficientNet-Lite2", "timm", "pooled", 260, 32, "in1k", "[-1, 1]"),
    Published("vit_tiny_patch16_224", "ViT_Ti", "timm", "transformer", 224, 16, "augreg_in21k_ft_in1k", "[-1, 1]"),
    Published("vit_small_patch16_224", "ViT_S", "timm", "transformer", 224, 16, "augreg_in21k_ft_in1k", "[-1, 1]"),
    Published("vit_base_patch16_224", "ViT_B", "timm", "transformer", 224, 16, "orig_in21k_ft_in1k", "[-1, 1]"),
    Published("vit_large_patch16_224", "ViT_L", "timm", "transformer", 224, 16, "augreg_in21k_ft_in1k", "[-1, 1]"),
    Published("deit_tiny_patch16_224", "DeiT_Ti", "timm", "transformer", 224, 16, "fb_in1k", "ImageNet"),
    Published("deit_small_patch16_224", "DeiT_S", "timm", "transformer", 224, 16, "fb_in1k", "ImageNet"),
    Published("deit_base_patch16_224", "DeiT_B", "timm", "transformer", 224, 16, "fb_in1k", "ImageNet"),
    Published(
        "efficientformer_l1", "EfficientFormer_L1", "timm", "efficientformer", 224, 1, "snap_dist_in1k", "ImageNet"
    ),
    Published(
        "efficientformer_l3", "EfficientFormer_L3", "timm", "efficientformer", 224, 1, "snap_dist_in1k", "ImageNet"
    ),
    Published("vit_small_patch14_dinov2", "DINOv2 small", "timm", "transformer", 224, 14, "lvd142m", "ImageNet"),
    Published("vit_large_patch14_dinov2", "DINOv2 large", "timm", "transformer", 224, 14, "lvd142m", "ImageNet"),
)


def find(name: str) -> Published:
    """The published network of that name.

    Raises:
        RecipeError: there is none.
    """
    for entry in PUBLISHED:
        if entry.name == name:
            return entry
    raise RecipeError(
        f"there is no network {name!r}", expected=f"one of: {', '.join(entry.name for entry in PUBLISHED)}"
    )


def mobilenet(width: float) -> str:
    """Name of the MobileNetV2 of a width multiplier, e.g. ``mobilenetv2_075``."""
    return f"mobilenetv2_{round(width * 100):03d}"
