"""Simulated studies for a trial of faults, and senders that send each image until it is acknowledged."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from pacs_rig import film, send
from pydicom.uid import generate_uid

from osteon.core.labels import View
from osteon.phantom.simulate import KINDS, simulate

SENDERS: Final = 3


@dataclass(frozen=True)
class Image:
    """An image to send: its UIDs and its file."""

    study: str
    uid: str
    data: bytes


@dataclass
class Load:
    """What is to be sent, and what became of it.

    Attributes:
        images: in the order in which they are sent.
        quota: so many of them may be sent by now.
        acknowledged: SOPInstanceUIDs that were answered with success.
        refused: how often another status was answered.
        lost: how often no answer came.
        again: images that were sent once more after they were acknowledged.
    """

    images: list[Image]
    quota: int = 0
    acknowledged: set[str] = field(default_factory=set)
    refused: int = 0
    lost: int = 0
    again: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def images(studies: int, chance: random.Random) -> list[Image]:
    """Simulated studies of one to four small images, in any order, each image its own by its grain."""
    films = [
        simulate(kind, 5, view=view, size=256).pixels for kind in KINDS[:2] for view in (View.FRONTAL, View.LATERAL)
    ]
    grain = np.random.default_rng(chance.randrange(1 << 30))
    found: list[Image] = []
    for number in range(studies):
        study = generate_uid(entropy_srcs=[str(number), str(chance.random())])
        for position in range(chance.randint(1, 4)):
            uid = generate_uid(entropy_srcs=[study, str(position)])
            noisy = films[position] + grain.normal(0, 0.01, films[position].shape)
            data = film(
                noisy, study=study, patient=f"F{number}", body_part="FOREARM", number=position + 1, instance=uid
            )
            found.append(Image(study, uid, data))
    # Mostly study by study, as modalities send, and now and then much later.
    return [found[at] for at in sorted(range(len(found)), key=lambda at: at + chance.choice((0, 0, 0, 2, 9, 30)))]


def sending(load: Load, number: int, port: int, end: threading.Event, chance: random.Random) -> None:
    """Send every third image until it is acknowledged, and some of them once more."""
    for position, image in list(enumerate(load.images))[number::SENDERS]:
        while position >= load.quota and not end.is_set():
            time.sleep(0.05)
        while not end.is_set():
            (status,) = send(port, [image.data], sender=f"CR{number}", patience=10)
            with load.lock:
                load.lost += status is None
                load.refused += status not in (None, 0)
                if status == 0:
                    load.acknowledged.add(image.uid)
                    break
            time.sleep(0.3)
        earlier = load.images[chance.randrange(number, position + 1, SENDERS)]
        if chance.random() < 0.25 and not end.is_set() and send(port, [earlier.data], sender=f"CR{number}") == [0]:
            load.again += 1
