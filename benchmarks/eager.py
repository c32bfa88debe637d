"""The implementation of the paper's page as the baseline: Pillow, eager PyTorch, the grad-cam library."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

from osteon.bundle.archive import Bundle
from osteon.imaging.preprocess import Preprocessing, to_input
from osteon.learning.classification.onnx import trained_network
from osteon.learning.detection.models import build as build_detector
from osteon.learning.detection.onnx import trained_detector
from osteon.learning.models import build
from osteon.learning.recipes import find
from osteon.learning.runs.run import open_run


class _Page(torch.nn.Module):
    """The classifier with a layer for the grad-cam library."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network.eval()
        self.last = torch.nn.Identity()

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.network.head(self.last(self.network.features(image))).logits


@dataclass(frozen=True)
class Eager:
    """The networks of a bundle in PyTorch.

    Attributes:
        camera: the grad-cam library on the classifier; it keeps what it saw, so that one image at a time may be shown to it.
        turn: to be held while it looks.
        how: its preprocessing.
        boxes: the detector, or None.
        box_how: its preprocessing.
        description: of the weights.
    """

    camera: GradCAM
    turn: threading.Lock
    preprocessing: Preprocessing
    boxes: Any
    box_how: Preprocessing | None
    description: str

    def read(self, source: Path | bytes) -> tuple[float, np.ndarray[Any, Any], int]:
        """Probability, heat map and number of boxes of an image."""
        image = _opened(source)
        tensor = _tensor(image, self.preprocessing)
        with self.turn:
            heat = self.camera(input_tensor=tensor, targets=[ClassifierOutputTarget(0)])
            probability = float(torch.sigmoid(self.camera.outputs.detach())[0, 0])
        found = 0
        if self.boxes is not None and self.box_how is not None:
            with torch.inference_mode():
                found = int((self.boxes.detect(_tensor(image, self.box_how)).scores > 0).sum())
        return probability, heat[0], found


def eager(bundle: Bundle, run: Path | None, detector: Path | None, threads: int) -> Eager:
    """The networks of a bundle, with the weights of runs or with random ones."""
    torch.set_num_threads(threads)
    made = bundle.manifest
    first, _, second = made.provenance.recipe.partition(" and ")
    recipe = find(first)
    preprocessing = made.preprocessing
    network = (
        trained_network(open_run(run))
        if run
        else build(recipe.architecture, len(recipe.task.labels), preprocessing.channels)
    )
    boxes: Any = None
    if made.detector is not None:
        boxes = trained_detector(open_run(detector)) if detector else build_detector(find(second or first), empty=True)
        boxes = boxes.eval()
    description = (
        f"the weights of {run}" if run else "random weights of the same networks (the time does not depend on them)"
    )
    page = _Page(network)
    camera = GradCAM(model=page, target_layers=[page.last])
    return Eager(
        camera,
        threading.Lock(),
        preprocessing,
        boxes,
        made.detector.preprocessing if made.detector else None,
        description,
    )


def _opened(source: Path | bytes) -> Image.Image:
    """Decode an image the simple way."""
    if isinstance(source, bytes):
        return Image.open(io.BytesIO(source)).convert("L")
    if source.suffix != ".dcm":
        return Image.open(source).convert("L")
    import pydicom
    from pydicom.pixels import apply_modality_lut, apply_voi_lut

    data = pydicom.dcmread(source)
    values = apply_voi_lut(apply_modality_lut(data.pixel_array, data), data).astype(np.float32)
    return Image.fromarray(((values - values.min()) / (values.max() - values.min()) * 255).astype(np.uint8))


def _tensor(image: Image.Image, preprocessing: Preprocessing) -> torch.Tensor:
    """An image on the canvas of a network."""
    canvas = np.asarray(ImageOps.pad(image, (preprocessing.width, preprocessing.height)), np.float32) / 255
    return torch.from_numpy(np.array(to_input(canvas, preprocessing)))[None]
