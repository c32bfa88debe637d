"""``osteon serve`` and ``osteon demo`` as a user runs them."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

pytest.importorskip("fastapi")

from osteon.cli import application, serving
from osteon.core.errors import OsteonError

RUN = [sys.executable, "-c", "from osteon.cli import main; main()"]


def environment(**more: str) -> dict[str, str]:
    """This one, without settings of a server."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("OSTEON_SERVE", "OSTEON_TEST"))}
    return {**kept, **more}


def refused(*arguments: object, **more: str) -> str:
    """What a server says that cannot start."""
    done = subprocess.run(
        [*RUN, "serve", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=environment(**more),
    )
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr


@contextmanager
def running(command: str, *arguments: object, until: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server, and what it printed until a line matched."""
    process = subprocess.Popen(
        [*RUN, command, "--port", "0", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        assert process.stdout is not None
        said = ""
        while not re.search(until, said):
            line = process.stdout.readline()
            assert line, process.communicate(timeout=10)
            said += line
        yield process, said
    finally:
        process.kill()
        process.communicate(timeout=10)


def test_first_start_prints_a_token_and_the_server_ends_as_told(bundle_file: Path, tmp_path: Path) -> None:
    store = tmp_path / "new" / "store"
    with running("serve", "--bundle", bundle_file, "--store", store, until="#setup=") as (process, said):
        found = re.search(r"(http://127\.0\.0\.1:\d+)/#setup=([0-9a-f]{64})", said)
        assert found is not None
        assert store.stat().st_mode & 0o777 == 0o700
        assert (store / "osteon.db").stat().st_mode & 0o077 == 0
        assert found[2].encode() not in b"".join(path.read_bytes() for path in store.glob("osteon.db*"))
        with httpx.Client(base_url=f"{found[1]}/api/v1", timeout=20) as client:
            given = {"token": found[2], "name": "Maria", "password": "five green cats on a roof"}
            assert client.post("/setup", json=given).status_code == 200
            with client.stream("GET", "/events") as events:
                assert events.status_code == 200
                # An open page must not hold the end up.
                process.send_signal(signal.SIGTERM)
                assert process.wait(20) == 0
    with running("serve", "--bundle", bundle_file, "--store", store, until="Ctrl") as (process, said):
        if sys.platform == "linux":  # what only reading needs waits for it: many nodes receive all day and read little
            libraries = Path(f"/proc/{process.pid}/maps").read_text()
            assert "onnxruntime" in libraries
            assert "/cv2/" not in libraries
            assert "charset_normalizer" not in libraries
        process.send_signal(signal.SIGINT)
        rest, log = process.communicate(timeout=20)
        assert "#setup" not in said + rest
        assert process.returncode == 0
        assert "Traceback" not in log
        assert all(line.startswith("time=") for line in log.splitlines())
    done = CliRunner().invoke(application("serve"), ["serve", "--new-token", "--store", str(store)])
    assert re.search(r"http://127\.0\.0\.1:8042/#setup=[0-9a-f]{64}", done.stdout)


def test_the_second_signal_does_not_wait(bundle_file: Path, tmp_path: Path) -> None:
    with running("serve", "--bundle", bundle_file, "--store", tmp_path, until="#setup=") as (process, said):
        found = re.search(r"127\.0\.0\.1:(\d+)", said)
        assert found is not None
        with socket.create_connection(("127.0.0.1", int(found[1]))) as connection:
            connection.sendall(b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
            time.sleep(0.3)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert process.poll() is None, "a request is under way"
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 128 + signal.SIGTERM


@pytest.mark.skipif(sys.platform != "linux", reason="looks at the open files of a process")
def test_large_uploads_wait_on_the_disk_of_the_store(bundle_file: Path, tmp_path: Path) -> None:
    spool = tmp_path / "store" / "spool"
    (spool / "left").mkdir(parents=True)
    (spool / "left" / "behind").touch()
    arguments = ["--bundle", bundle_file, "--store", spool.parent, "--open-access", "reader"]
    with running("serve", *arguments, until="Ctrl") as (process, said):
        assert list(spool.iterdir()) == []
        found = re.search(r"127\.0\.0\.1:(\d+)", said)
        assert found is not None
        body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n' + bytes(3 << 20)
        head = (
            "POST /api/v1/studies HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
            f"Content-Length: {len(body) + 9}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", int(found[1]))) as connection:
            connection.sendall(head.encode() + body)
            assert eventually(lambda: any(str(spool) in file for file in open_files(process.pid)))


def open_files(process: int) -> list[str]:
    """What a process has open; a temporary file has no name of its own, but a place."""
    found: list[str] = []
    for one in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):
            found.append(str(one.readlink()))
    return found


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether something comes to be."""
    end = time.monotonic() + 20
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def test_an_altered_bundle_is_refused_before_anything_is_made(bundle_file: Path, tmp_path: Path) -> None:
    altered = tmp_path / "altered.osteon"
    content = bundle_file.read_bytes()
    altered.write_bytes(content.replace(b'"labels"', b'"lobels"', 1))
    assert altered.read_bytes() != content
    told = refused("--bundle", altered, "--port", "0", "--store", tmp_path / "store")
    assert "altered" in told or "damaged" in told
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--host", "0.0.0.0"], "is reachable from other machines"),  # noqa: S104 - is refused
        (["--set", "quue=5"], "no setting quue for --set"),
        (["--port", "70000"], "setting port"),
        (["--open-access", "administrator"], "setting open_access"),
        (["--config", "/no/such/file"], "cannot be read"),
    ],
)
def test_settings_that_are_not_safe_or_do_not_exist(arguments: list[str], told: str) -> None:
    done = CliRunner().invoke(application("serve"), ["serve", *arguments])
    assert isinstance(done.exception, OsteonError)
    assert told in str(done.exception)


def test_a_setting_without_a_value_is_wrong_usage() -> None:
    assert CliRunner().invoke(application("serve"), ["serve", "--set", "queue"]).exit_code == 2


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "PACKAGES", ("fastapi", "no_such_package"))
    for command in ("serve", "demo"):
        done = CliRunner().invoke(application(command), [command])
        assert "this needs no_such_package. Install the reading room: pip install 'osteon[serve]'" in str(
            done.exception
        )


def test_the_demo_shows_the_samples_without_a_login(tmp_path: Path) -> None:
    store = tmp_path / "demo"
    with running("demo", "--no-browser", "--store", store, until="is open at") as (process, said):
        found = re.search(r"(http://127\.0\.0\.1:\d+) with 5 studies", said)
        assert found is not None, said
        with httpx.Client(base_url=f"{found[1]}/api/v1", timeout=20) as client:
            state = client.get("/session").json()
            assert state["open"] is True
            assert state["user"] == {"name": "visitor", "role": "reader"}
            items = client.get("/studies").json()["items"]
            assert len(items) == 5
            assert {one["state"] for one in items} == {"done"}
            assert {one["label"] for one in items} == {"Simulated sample"}
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
