"""The graphs of a bundle in OpenVINO against ONNX Runtime, by which Osteon reads: time, and whether they say the same.

    pip install openvino
    python benchmarks/runtimes.py FracAtlas/images --images 100

One thread each, in one process, taking turns; both get the same prepared images. A call is the classifier's alone here.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import openvino

from osteon.bundle.archive import open_bundle
from osteon.core.errors import InputError
from osteon.imaging.load import load
from osteon.imaging.preprocess import prepare
from osteon.stats.bootstrap import replicate
from osteon.stats.intervals import wilson
from osteon.stats.statistic import Mean

PRECISIONS = ("f32", "bf16")
"""In which OpenVINO computes what is not in integers: as ONNX Runtime does, and as it would choose itself where it can."""


def onnx_runtime(graph: bytes) -> Any:
    """A session with one thread; call it with an input."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    return lambda image: session.run(None, {"image": image})


def open_vino(graph: bytes, precision: str) -> Any:
    """A compiled model with one thread; call it with an input."""
    chosen = {
        "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision,
    }  # fmt: skip
    core = openvino.Core()
    request = core.compile_model(core.read_model(graph), "CPU", chosen).create_infer_request()

    def run(image: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
        request.infer({"image": image})
        return [np.array(request.get_output_tensor(index).data) for index in range(len(request.output_tensors))]

    return run


def main() -> None:
    """Print a table and write the figures where asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", type=Path)
    parser.add_argument("--bundle", default="fracatlas")
    parser.add_argument("--images", dest="count", type=int, default=100)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    bundle = open_bundle(given.bundle)
    files = sorted(path for path in given.images.rglob("*") if path.suffix.lower() in {".jpg", ".png"})
    chosen = files[:: max(1, len(files) // given.count)][: given.count]
    pixels: list[np.ndarray[Any, Any]] = []
    for path in chosen:
        with suppress(InputError):  # FracAtlas has truncated files
            pixels.append(load(path)[0].pixels)
    made = bundle.manifest
    parts = {"classifier": (bundle.graph, made.preprocessing)}
    if made.detector is not None:
        parts["detector"] = (bundle.detector, made.detector.preprocessing)
    content: dict[str, Any] = {"bundle": made.identity, "images": len(pixels), "openvino": openvino.__version__}
    print(
        "| network | ONNX Runtime, ms | OpenVINO, ms | OpenVINO / ONNX Runtime | greatest difference | calls that change |"
    )
    print("|---|---|---|---|---|---|")
    for name, (graph, how) in parts.items():
        first = onnx_runtime(graph)
        others = {precision: open_vino(graph, precision) for precision in PRECISIONS}
        inputs = [np.ascontiguousarray(prepare(one, how)[None]) for one in pixels]
        spent: dict[str, list[float]] = {"onnxruntime": [], **{precision: [] for precision in others}}
        said: dict[str, list[float]] = {key: [] for key in spent}
        for runner in (first, *others.values()):
            runner(inputs[0])
        for image in inputs:
            for key, runner in {"onnxruntime": first, **others}.items():
                began = time.perf_counter()
                found = runner(image)
                spent[key].append(1000 * (time.perf_counter() - began))
                value = float(found[0][0, 0]) if name == "classifier" else float(found[1].max())
                said[key].append(
                    1 / (1 + np.exp(-value / made.calibration.temperature)) if name == "classifier" else value
                )
        limits = (made.operating_points.doubt.threshold, made.operating_points.definite.threshold)
        before = np.array(said["onnxruntime"])
        for precision in others:
            ratios = np.array(spent[precision]) / np.array(spent["onnxruntime"])
            drawn = replicate(Mean("ratio", ratios), clusters=np.arange(len(ratios)).astype(str), resamples=2000)
            low, high = np.quantile(drawn.draws[:, 0], (0.025, 0.975))
            after = np.array(said[precision])
            changed = int((np.digitize(before, limits) != np.digitize(after, limits)).sum())
            calls = wilson(changed, len(before)) if name == "classifier" else None
            gap = float(np.abs(after - before).max())
            content[f"{name}.{precision}"] = {
                "ratio": {"value": float(ratios.mean()), "low": float(low), "high": float(high)},
                "onnxruntime": statistics.median(spent["onnxruntime"]),
                "openvino": statistics.median(spent[precision]),
                "greatest_difference": gap,
                "calls_changed": None if calls is None else calls.model_dump(),
            }
            told = "" if calls is None else f"{calls.value:.3f} ({calls.between})"
            print(
                f"| {name}, {precision} | {statistics.median(spent['onnxruntime']):.1f} | "
                f"{statistics.median(spent[precision]):.1f} | {ratios.mean():.2f} ({low:.2f} to {high:.2f}) | "
                f"{gap:.3f} | {told} |"
            )
    if given.out:
        given.out.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
