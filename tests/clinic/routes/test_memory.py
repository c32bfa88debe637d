"""Small files that hold very large images do not fill the memory, however many ask for them at once."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path
from struct import pack

import httpx
import pytest

SERVER = """
import sys
from osteon.clinic.server.open import listen, open_context
from osteon.clinic.server.run import Server
from osteon.clinic.settings import Settings

settings = Settings(port=0, store=sys.argv[1], bundle=sys.argv[2], open_access="reader", rate=0, jobs=2, threads=1)
taken = listen(settings)
port = taken.getsockname()[1]
Server(open_context(settings), lambda: print(port, flush=True)).run(sockets=[taken])
"""

ASKED = 8


def bomb(side: int, grey: int) -> bytes:
    """A grey PNG of one value that takes a thousandth of its pixels."""
    row = b"\0" + bytes([grey]) * side
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()

    def chunk(name: bytes, content: bytes) -> bytes:
        return pack(">I", len(content)) + name + content + pack(">I", zlib.crc32(name + content))

    head = pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def peak(process: subprocess.Popen[str]) -> int:
    """The most memory that a process has held, MiB."""
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) >> 10


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to tell how much memory was held")
def test_large_images_asked_for_at_once(boxes_file: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVER, str(tmp_path / "store"), str(boxes_file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        client = httpx.Client(base_url=f"http://127.0.0.1:{process.stdout.readline().strip()}/api/v1", timeout=120)
        films = [("files", (f"{grey}.png", bomb(9_999, grey))) for grey in (90, 91)]
        assert all(len(film[1][1]) < 400_000 for film in films)
        job = client.post("/studies", files=films, headers={"Prefer": "respond-async"}).json()["job"]
        while client.get(f"/jobs/{job['id']}").json()["state"] not in {"done", "failed"}:
            time.sleep(0.2)
        statuses: list[int] = []

        def ask(study: str, what: str) -> None:
            with client.stream("GET", f"/studies/{study}/{what}") as answer:
                statuses.append(answer.status_code)
                for _ in answer.iter_raw():
                    pass

        asked = [(job["studies"][n % 2], ("images/0/pixels", "overlay.png")[n % 4 == 3]) for n in range(ASKED)]
        threads = [threading.Thread(target=ask, args=one) for one in asked]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert len(statuses) == ASKED
        assert set(statuses) <= {200, 503}
        assert statuses.count(200) >= 4
        assert peak(process) < 2800, "eight at once took it to 8,900"
        client.close()
    finally:
        process.kill()
        process.wait(30)
        process.stdout.close()
