"""Training steps a second with the gradients of `osteon.learning.compute.depthwise`, against PyTorch's, on processors.

    python benchmarks/depthwise.py

Backbones in bfloat16 as `osteon train` trains them (channels last, autocast), random weights and images; both in one process,
taking turns; the ratio is of medians.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time

from osteon.cli.learning import ALLOCATOR

BACKBONES = ("mobilenetv2_100", "tf_efficientnet_lite0", "tf_efficientnet_lite2")


def seconds(network: object, image: object) -> float:
    """Time of one step, forward and backward."""
    import torch

    start = time.perf_counter()
    with torch.autocast("cpu", torch.bfloat16):
        at_16, at_32 = network(image)  # pyright: ignore[reportCallIssue] - a module
    (at_16.float().mean() + at_32.float().mean()).backward()
    return time.perf_counter() - start


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=352)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=5)
    given = parser.parse_args()
    if any(name not in os.environ for name in ALLOCATOR):  # as the command line starts training
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ALLOCATOR)  # noqa: S606 - this program itself
    import torch

    from osteon.learning.compute.depthwise import with_quick_gradients
    from osteon.learning.models.backbones.backbone import Strides, load_backbone

    print("| backbone | PyTorch, images/s | osteon, images/s | ratio |\n|---|---|---|---|")
    for name in BACKBONES:
        both = [Strides(load_backbone(name, 1, empty=True).module).train() for _ in range(2)]
        for one in both:
            one.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] - a keyword of Module.to
        with_quick_gradients(both[1])
        image = torch.randn(given.batch, 1, given.side, given.side).contiguous(memory_format=torch.channels_last)
        spent: tuple[list[float], list[float]] = ([], [])
        for step in range(given.steps + 1):
            for one, times in zip(both, spent, strict=True):
                found = seconds(one, image)
                if step:  # the first one makes the kernels
                    times.append(found)
        rates = [given.batch / statistics.median(times) for times in spent]
        print(f"| {name} | {rates[0]:.1f} | {rates[1]:.1f} | {rates[1] / rates[0]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
