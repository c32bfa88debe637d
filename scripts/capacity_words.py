"""The tables of the model of capacity, from its figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

PARTS = {
    "receive": "server processes that receive (busy in the busiest hour)",
    "database": "cores of the database",
    "workers": "workers, one core each",
    "deliver": "associations for delivery",
}


def markdown(made: Mapping[str, Any]) -> str:
    """Tables for the documentation.

    Args:
        made: content of ``capacity.json``.
    """
    assumed, archive, loads = made["assumed"], made["archive"], made["serving"]

    def row(words: str, value: Callable[[Mapping[str, Any]], str]) -> tuple[str, ...]:
        return (words, *(value(day) for day in loads.values()))

    times = made["service_times"]
    lines = [
        (
            f"SYNTHETIC: simulated days, {assumed['days']} for each column (one for the last two). Service times of "
            f"{times['made']} ({times['machine']}); {times['data']}."
        ),
        "",
        f"Quiet time {assumed['quiet']:g} s; 95 % of studies within {assumed['target']:g} s of their arrival:",
        "",
        *_table(
            ("studies a day", *loads),
            [
                *(row(words, partial(_part, name)) for name, words in PARTS.items()),
                *(
                    row(f"arrival to result, {name}, s: median of the days (least to most)", partial(_range, name))
                    for name in ("p50", "p95", "p99")
                ),
                row("p95 with half of the workers, s", lambda day: f"{day['half_of_workers_p95_s']:,.0f}"),
                row("cores", lambda day: str(day["cores"])),
                row("memory, GiB", lambda day: f"{day['memory_gib']:.0f}"),
                row("stored a day, TB", lambda day: f"{day['stored_a_day_tb']:.2f}"),
                row(f"stored in {assumed['kept_days']:g} days, TB", lambda day: f"{day['kept_tb']:.0f}"),
                row("network in the busiest hour, Mbit/s", lambda day: f"{day['network_mbit_s']:,}"),
                row("cores and memory a month, money", lambda day: f"{day['money_a_month']['compute']:,}"),
                row("storage a month, money", lambda day: f"{day['money_a_month']['storage']:,}"),
                row("breaks at so many times the load, and where", _breaks),
            ],
        ),
        "",
        f"**{assumed['archive'] / 1e6:,.0f} million images in 30 days:**",
        "",
        *_table(
            ("", ""),
            [
                ("images a second", f"{archive['images_s']:.1f}"),
                ("processor time an image, s", f"{archive['core_s_an_image']:.3f}"),
                ("cores (90 % busy)", str(archive["cores"])),
                (
                    f"days that they take, from {archive['simulated_images']:,} simulated images",
                    f"{archive['simulated_days_for_all']:.1f}",
                ),
                ("memory, GiB", f"{archive['memory_gib']:.0f}"),
                ("read from storage, MB/s", f"{archive['read_mb_s']:,}"),
                ("read in all, TB", f"{archive['read_tb']:,.0f}"),
                ("the table, GB", f"{archive['table_gb']:.1f}"),
                ("cores and memory, money", f"{archive['money']['compute']:,}"),
            ],
        ),
    ]
    return "\n".join(lines) + "\n"


def _part(name: str, day: Mapping[str, Any]) -> str:
    return f"{day['servers'][name]} ({100 * day['busy'][name]:.0f} % busy)"


def _range(name: str, day: Mapping[str, Any]) -> str:
    middle, least, most = day["seconds"][name]
    return f"{middle:.1f} ({least:.1f} to {most:.1f})"


def _breaks(day: Mapping[str, Any]) -> str:
    breaks = day["breaks"]
    return f"{breaks['factor']:.2f}: {PARTS[breaks['part']]}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]
