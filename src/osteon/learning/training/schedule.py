"""The optimiser and the schedule that a recipe names."""

from __future__ import annotations

from typing import Any

from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR, OneCycleLR, ReduceLROnPlateau, StepLR

from osteon.learning import recipe


def optimizer_of(groups: list[dict[str, Any]], optimizer: recipe.Optimizer) -> Optimizer:
    """The optimiser over groups of parameters, each with its learning rate."""
    match optimizer.name:
        case "sgd":
            return SGD(groups, momentum=optimizer.momentum, weight_decay=optimizer.weight_decay)
        case "adam":
            return Adam(groups)
        case "adamw":
            return AdamW(groups, weight_decay=optimizer.weight_decay)


def schedule_of(optimizer: Optimizer, schedule: recipe.Schedule, steps: int) -> dict[str, Any] | None:
    """The schedule as Lightning takes it: with the interval at which it changes, or the figure that it monitors.

    Args:
        optimizer: whose learning rates are the highest ones.
        schedule: the recipe's record.
        steps: of the phase.

    Returns:
        None where the learning rate is constant.
    """
    match schedule:
        case recipe.OneCycle():
            peaks = [float(group["lr"]) for group in optimizer.param_groups]
            cycle = OneCycleLR(optimizer, peaks, total_steps=steps, pct_start=schedule.warm_up)
            return {"scheduler": cycle, "interval": "step"}
        case recipe.ReduceOnPlateau():
            plateau = ReduceLROnPlateau(optimizer, factor=schedule.factor, patience=schedule.patience)
            return {"scheduler": plateau, "monitor": "val_loss"}
        case recipe.StepDecay():
            return {"scheduler": StepLR(optimizer, schedule.every, schedule.factor), "interval": "epoch"}
        case recipe.LinearDecay():
            warm = max(1, round(schedule.rise * steps))

            def share(step: int) -> float:
                return min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)), 1.0)

            return {"scheduler": LambdaLR(optimizer, share), "interval": "step"}
        case recipe.Constant():
            return None
