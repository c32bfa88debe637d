"""Studies that pass stations one after the other, each with several servers and a queue in front: simulated exactly.

A station takes studies in the order in which they come. Since none goes back to an earlier station, each can be simulated by
itself with a heap of the times at which its servers become free; no clock is needed. ``erlang_c`` is what a station with
exponential times must give, and what the tests compare with.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.float64]


@dataclass(frozen=True)
class Station:
    """A part that studies pass.

    Attributes:
        name: of it.
        servers: how many studies it works on at a time; 0: all of them, a delay.
        service: seconds that each study takes, in the order of the arrivals.
    """

    name: str
    servers: int
    service: Seconds


@dataclass(frozen=True)
class Passed:
    """What became of a day's studies.

    Attributes:
        waited: seconds in the queue of each station, (studies,) each.
        total: seconds from arrival to the end of the last station, (studies,).
        busy: share of its servers' time that each station works in its busiest hour; none for delays.
    """

    waited: Mapping[str, Seconds]
    total: Seconds
    busy: Mapping[str, float]

    def quantile(self, share: float) -> float:
        """Seconds within which so many studies have passed."""
        return float(np.quantile(self.total, share))


def departures(arrivals: Seconds, station: Station) -> tuple[Seconds, Seconds]:
    """When each study leaves a station, and how long it waited: (studies,) each, in seconds.

    Args:
        arrivals: at the station, in any order.
        station: with the service times in the same order.
    """
    if not station.servers:
        return arrivals + station.service, np.zeros_like(arrivals)
    order = np.argsort(arrivals, kind="stable")
    came, takes = arrivals[order].tolist(), station.service[order].tolist()
    free = [0.0] * station.servers
    starts: list[float] = []
    for arrival, seconds in zip(came, takes, strict=True):
        start = max(arrival, free[0])
        starts.append(start)
        heapq.heapreplace(free, start + seconds)
    begun = np.empty_like(arrivals)
    begun[order] = starts
    return begun + station.service, begun - arrivals


def simulate(arrivals: Seconds, stations: Sequence[Station]) -> Passed:
    """Let studies pass all stations.

    Args:
        arrivals: seconds, (studies,).
        stations: in the order in which they are passed.
    """
    now, waited, busy = arrivals, {}, {}
    for station in stations:
        came = now
        now, waited[station.name] = departures(came, station)
        if station.servers:
            hours = np.bincount((came // 3600).astype(int), weights=station.service)
            busy[station.name] = float(hours.max() / 3600 / station.servers)
    return Passed(waited, now - arrivals, busy)


def arrivals_of_day(studies: float, curve: Sequence[float], generator: np.random.Generator) -> Seconds:
    """Arrivals of one day in order, a Poisson process whose rate is constant within each hour.

    Args:
        studies: expected.
        curve: weights of the 24 hours.
        generator: of chance.
    """
    shares = np.asarray(curve, float) / sum(curve)
    counts = generator.poisson(studies * shares)
    return np.sort(np.concatenate([3600 * (hour + generator.random(count)) for hour, count in enumerate(counts)]))


def erlang_c(load: float, servers: int) -> float:
    """Share of studies that wait, for Poisson arrivals and exponential service (Erlang 1917; Kleinrock 1975, section 3.8).

    Args:
        load: arrivals a second times mean seconds of service; below ``servers``.
        servers: of the station.

    Raises:
        ValueError: the load is too high for a steady state.
    """
    if not 0 <= load < servers:
        raise ValueError(f"a load of {load:g} has no steady state with {servers} servers")
    blocked = 1.0  # Erlang B, by recursion over the number of servers
    for count in range(1, servers + 1):
        blocked = load * blocked / (count + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


def erlang_wait_quantile(load: float, servers: int, service: float, share: float) -> float:
    """Seconds within which so many studies begin to be served, in the same model.

    Args:
        load: see ``erlang_c``.
        servers: of the station.
        service: mean seconds of it.
        share: of studies, below 1.
    """
    waiting = erlang_c(load, servers)
    return 0.0 if waiting <= 1 - share else math.log(waiting / (1 - share)) * service / (servers - load)
