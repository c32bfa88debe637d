"""Downloading the freely available datasets; for the others, how to apply.

figshare's public interface gives names, sizes and MD5 sums of an article's files
(https://docs.figshare.com/#article_files). A partial download is kept, and a later attempt or call
resumes it.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, cast

import pooch
import requests

from osteon.core.errors import DataError, PeerError
from osteon.data.files.unpack import is_archive, unpack
from osteon.data.table.card import DatasetCard

API: Final = "https://api.figshare.com/v2"
ATTEMPTS: Final = 5
TIMEOUT: Final = 30.0
"""Seconds without data after which an attempt is aborted."""

PAUSE: Final = 1.0
"""Seconds before a second attempt."""

_CHUNK: Final = 1 << 14

Progress = Callable[[str, int, int], None]
"""Called with the name of the file, the bytes downloaded, and the total (0 where unknown)."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a figshare article.

    Attributes:
        name: of the file.
        url: for the download.
        size: bytes.
        md5: in hexadecimal.
    """

    name: str
    url: str
    size: int
    md5: str


@dataclass(frozen=True)
class Resuming:
    """A downloader for pooch that resumes interrupted downloads.

    Attributes:
        part: file with what was downloaded so far.
        name: of the file, for the progress.
        progress: called for each chunk.
        pause: seconds before the second attempt; doubled before each further one.
    """

    part: Path
    name: str
    progress: Progress
    pause: float = PAUSE

    def __call__(self, url: str, output_file: str, pooch: Any) -> None:
        """Download ``url`` into ``output_file``.

        Raises:
            PeerError: it failed repeatedly, or the server refuses.
        """
        del pooch
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(self.pause * 2 ** (attempt - 1))
            if self._attempt(url):
                shutil.move(self.part, output_file)
                return
        raise PeerError(
            f"the download of {self.name} failed {ATTEMPTS} times",
            hint="Run the same command again: it resumes the download.",
        )

    def _attempt(self, url: str) -> bool:
        """One request for what is missing; whether the file is complete."""
        have = self.part.stat().st_size if self.part.exists() else 0
        wanted = {"Range": f"bytes={have}-"} if have else {}
        try:
            with requests.get(url, headers=wanted, stream=True, timeout=TIMEOUT) as answer:
                if answer.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                    return True
                if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:  # may be temporary
                    return False
                if answer.status_code >= HTTPStatus.BAD_REQUEST:
                    raise PeerError(
                        f"the server refuses {self.name}", expected="200 or 206", got=str(answer.status_code)
                    )
                goes_on = answer.status_code == HTTPStatus.PARTIAL_CONTENT
                have = have if goes_on else 0
                total = have + int(answer.headers.get("Content-Length", 0))
                with self.part.open("ab" if goes_on else "wb") as file:
                    for piece in answer.iter_content(_CHUNK):
                        file.write(piece)
                        have += len(piece)
                        self.progress(self.name, have, total)
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
            return False
        return total == 0 or have >= total


def files_of(article: int, api: str = API) -> list[RemoteFile]:
    """The files of a figshare article.

    Raises:
        PeerError: figshare does not answer as expected.
    """
    try:
        answer = requests.get(f"{api}/articles/{article}/files", params={"page_size": 1000}, timeout=TIMEOUT)
        answer.raise_for_status()
        return [
            RemoteFile(
                str(entry["name"]),
                str(entry["download_url"]),
                int(entry["size"]),
                str(entry.get("supplied_md5") or entry["computed_md5"]),
            )
            for entry in answer.json()
        ]
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise PeerError(f"figshare does not list article {article}", got=type(error).__name__) from error


def fetch(
    card: DatasetCard,
    out: Path,
    *,
    accepted: bool,
    progress: Progress = lambda _name, _have, _total: None,
    api: str = API,
    pause: float = PAUSE,
) -> list[Path]:
    """Download and unpack a dataset.

    Args:
        card: of the dataset.
        out: folder to put it in.
        accepted: whether the user has accepted its licence.
        progress: called for each chunk.
        api: figshare's address.
        pause: seconds before a second attempt.

    Returns:
        the files that were downloaded; archives are unpacked in the same folder.

    Raises:
        DataError: it may not be downloaded freely, its licence was not accepted, there is not enough disk space, a file is not
            as published, or an archive is not safe to unpack.
        PeerError: the server does not answer, or fails repeatedly.
    """
    if card.figshare is None:
        raise DataError(f"{card.title} cannot be downloaded freely", hint=f"{card.obtain} {card.url}".strip())
    if not accepted:
        raise DataError(
            f"the licence of {card.title} was not accepted", got=card.licence, hint="Accept it with --accept."
        )
    out.mkdir(parents=True, exist_ok=True)
    loaded: list[Path] = []
    files = files_of(card.figshare, api)
    missing = sum(file.size for file in files if not (out / Path(file.name).name).exists())
    if (free := shutil.disk_usage(out).free) < missing:
        raise DataError(f"not enough disk space in {out}", expected=f"{missing:,} bytes", got=f"{free:,} bytes free")
    for file in files:
        name = Path(file.name).name
        # pooch declares another protocol for its downloaders than it calls
        downloader = cast("Any", Resuming(out / f"{name}.part", name, progress, pause))
        try:
            pooch.retrieve(file.url, known_hash=f"md5:{file.md5}", fname=name, path=out, downloader=downloader)
        except ValueError as error:
            raise DataError(
                f"{name} differs from the published file",
                expected=f"MD5 {file.md5}",
                hint="It was deleted; run the command again.",
            ) from error
        loaded.append(out / name)
        if is_archive(out / name):
            unpack(out / name, out)
    return loaded
