"""The tables of the model of capacity, from its figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

PARTS = {
    "receive": "receiving (server processes)",
    "database": "database (cores)",
    "workers": "workers (one core each)",
    "deliver": "delivery (associations with archives)",
}


def markdown(made: Mapping[str, Any]) -> str:
    """Tables for the documentation.

    Args:
        made: content of ``capacity.json``.
    """
    assumed, day, archive = made["assumed"], made["serving"], made["archive"]
    slow = made["serving_with_reading_twice_as_slow"]
    money, breaks = day["money_a_month"], day["breaks"]
    lines = [
        (
            f"SYNTHETIC: simulated, {assumed['days']} days. Service times of {made['service_times']['made']} "
            f"({made['service_times']['machine']}), {made['service_times']['data']}."
        ),
        "",
        f"**{assumed['studies']:,.0f} studies a day**, quiet time {assumed['quiet']:g} s, 95 % within {assumed['target']:g} s:",
        "",
        *_table(("part", "number", "busy in the busiest hour"), _parts(day)),
        "",
        *_table(
            ("", "", "reading twice as slow"),
            [
                *[
                    (
                        f"arrival to result, {name}, s: median of the days (least to most)",
                        _range(day, name),
                        _range(slow, name),
                    )
                    for name in ("p50", "p95", "p99")
                ],
                ("p95 with half of the workers, s", _seconds(day), _seconds(slow)),
                ("cores", str(day["cores"]), str(slow["cores"])),
                ("memory, GiB", f"{day['memory_gib']:.0f}", f"{slow['memory_gib']:.0f}"),
                ("stored a day, TB", f"{day['stored_a_day_tb']:.2f}", f"{slow['stored_a_day_tb']:.2f}"),
                (f"stored in {assumed['kept_days']:g} days, TB", f"{day['kept_tb']:.0f}", f"{slow['kept_tb']:.0f}"),
                ("network in the busiest hour, Mbit/s", f"{day['network_mbit_s']:,}", f"{slow['network_mbit_s']:,}"),
                ("cores and memory a month, money", f"{money['compute']:,}", f"{slow['money_a_month']['compute']:,}"),
                (
                    "the same, workers started and stopped by the hour",
                    f"{money['compute_workers_by_hour']:,}",
                    f"{slow['money_a_month']['compute_workers_by_hour']:,}",
                ),
                ("storage a month, money", f"{money['storage']:,}", f"{slow['money_a_month']['storage']:,}"),
                ("breaks at so many times the load, and where", _breaks(breaks), _breaks(slow["breaks"])),
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


def _parts(day: Mapping[str, Any]) -> Iterable[tuple[str, ...]]:
    for name, words in PARTS.items():
        yield words, str(day["servers"][name]), f"{100 * day['busy'][name]:.0f} %"


def _range(day: Mapping[str, Any], name: str) -> str:
    middle, least, most = day["seconds"][name]
    return f"{middle:.1f} ({least:.1f} to {most:.1f})"


def _seconds(day: Mapping[str, Any]) -> str:
    return f"{day['half_of_workers_p95_s']:,.0f}"


def _breaks(breaks: Mapping[str, Any]) -> str:
    return f"{breaks['factor']:.2f}: {PARTS[breaks['part']]}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]
