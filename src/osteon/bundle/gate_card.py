"""What the model card says of the gate."""

from __future__ import annotations

from osteon.bundle.gate import Gate, GateLimit


def gate_lines(gate: Gate) -> list[str]:
    """Markdown lines: what the gate refuses, what it learnt from, its limits and what they cost."""
    parts = ", ".join(part.value for part in gate.other_parts)
    rows = [("no bone radiograph", gate.not_radiograph)]
    if gate.other_part is not None:
        rows.append((f"another body part ({parts})", gate.other_part))
    return [
        (
            "Before an answer is given, the classifier's own features are asked whether the image is a bone radiograph at all"
            + (
                ""
                if gate.other_part is None
                else ", and, where neither the file nor its sender states the body part, which kind of part it shows"
            )
            + ". An image above a limit gets no probability."
        ),
        "",
        f"It learnt from {gate.fitted_on}. A gate errs: what it lets through need not be a radiograph of an indicated part.",
        "",
        "| refused as | limit (log odds) | rule | sensitivity | indicated radiographs refused |",
        "|---|---|---|---|---|",
        *(_row(name, limit) for name, limit in rows),
    ]


def _row(name: str, limit: GateLimit) -> str:
    rule = limit.rule.replace("|", "\\|")
    return f"| {name} | {limit.maximum:.3f} | {rule} | {limit.sensitivity:.3f} | {limit.refused:.4f} |"
