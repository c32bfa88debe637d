"""The peer of ``benchmarks/serve.py``: a page made of Flask, eager PyTorch and the grad-cam library, in one process.

python benchmarks/serve_peer.py --port 8050
"""

from __future__ import annotations

import argparse
import base64
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from flask import Flask, request

from eager import eager
from osteon.bundle.archive import open_bundle


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", default="fracatlas")
    parser.add_argument("--run", type=Path)
    parser.add_argument("--detector", type=Path)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    networks = eager(open_bundle(given.bundle), given.run, given.detector, threads=2)
    page = Flask("page")

    @page.get("/")
    def home() -> str:
        return "ready"

    @page.post("/predict")
    def predict() -> dict[str, Any]:
        probability, heat, boxes = networks.read(request.files["file"].read())
        picture = cv2.imencode(".png", (np.clip(heat, 0, 1) * 255).astype(np.uint8))[1]
        return {"probability": probability, "boxes": boxes, "heat": base64.b64encode(picture.tobytes()).decode()}

    page.run("127.0.0.1", given.port, threaded=True, debug=False)


if __name__ == "__main__":
    main()
