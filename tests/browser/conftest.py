"""Real browsers before real servers: ``osteon serve`` in a process of its own, Debian's Chromium, films of a small bundle.

``OSTEON_SCREENSHOTS`` names a folder in which pictures of the page are kept.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

pytest.importorskip("fastapi", reason="needs osteon[serve]")
api = pytest.importorskip("playwright.sync_api", reason="needs playwright")

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect
from tests.browser.chromium import FLAGS, chromium

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "src" / "osteon" / "clinic" / "page" / "index.html"
NAME, PASSWORD = "maria", "five green cats on a roof"
STARTED = re.compile(r"Osteon reads with \S+ at (http://\S+)")
SETUP = re.compile(r"http://\S+#setup=\w+")
PATIENCE = 180
"""Seconds that anything may take on a busy machine."""
STEADY = 4
"""How many times two frames have to pass, one after the other, without a request."""
TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@dataclass(frozen=True)
class Room:
    """A server that runs.

    Attributes:
        url: of its page.
        setup: the address with the one-time token, empty where there is an administrator.
    """

    url: str
    setup: str


Rooms = Callable[..., Room]
"""Starts a server; further flags of ``osteon serve`` may be given."""


@pytest.fixture(scope="session")
def shown_bundle(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that has heat maps and boxes."""
    return blobs.make(tmp_path_factory.mktemp("bundle") / "both.osteon", blobs.both(blobs.fusion(weight=0.3)))


@pytest.fixture(scope="module")
def rooms(shown_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms]:
    """Starts servers, which end with the module: many that are idle take a tenth of two processors, and memory."""
    if not PAGE.is_file():
        pytest.skip("the page was not built: npm run build in web/, or install without OSTEON_NO_PAGE")
    started: list[subprocess.Popen[bytes]] = []

    def start(*flags: str) -> Room:
        folder = tmp_path_factory.mktemp("room")
        told = folder / "told.txt"
        command = [sys.executable, "-m", "osteon.cli", "serve", "--port", "0", "--bundle", str(shown_bundle)]
        command += ["--store", str(folder / "store"), "--set", "rate=0", *flags]
        with told.open("wb") as file:
            process = subprocess.Popen(
                command, stdout=file, stderr=subprocess.STDOUT, env={**os.environ, "PYTHONUNBUFFERED": "1"}
            )
        started.append(process)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and process.poll() is None:
            text = told.read_text()
            at, setup = STARTED.search(text), SETUP.search(text)
            if at is not None and setup is not None:
                return Room(at[1], setup[0])
            time.sleep(0.05)
        raise AssertionError(f"the server did not start:\n{told.read_text()}")

    yield start
    for process in started:
        process.terminate()
    for process in started:
        process.wait(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; playwright holds an event loop, in which no other test's could run, so it ends with the module."""
    program = chromium()
    expect.set_options(timeout=PATIENCE * 1000)
    with api.sync_playwright() as play:
        started = play.chromium.launch(executable_path=program, args=list(FLAGS))
        yield started
        started.close()


@dataclass(frozen=True)
class Entry:
    """A login of the administrator.

    Attributes:
        room: that it is for.
        name: of the cookie.
        value: of the cookie.
        csrf: for requests that change something.
    """

    room: Room
    name: str
    value: str
    csrf: str

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask the server as a program beside the browser does."""
        headers = {"X-CSRF-Token": self.csrf, "Origin": self.room.url, **more.pop("headers", {})}
        cookies = {self.name: self.value}
        return httpx.request(
            method, f"{self.room.url}/api/v1{path}", headers=headers, cookies=cookies, timeout=PATIENCE, **more
        )

    def send(self, *images: tuple[str, bytes], wait: bool = True, **fields: str) -> httpx.Response:
        """Send images, given by name and content."""
        files = [("files", image) for image in images]
        headers = {} if wait else {"Prefer": "respond-async"}
        return self.ask("POST", "/studies", files=files, data=fields, headers=headers)

    def add(self, name: str, role: str) -> str:
        """Make an account whose owner has chosen a password; returns that."""
        first, chosen = "seven blue birds in a tree", "eight red fish under a bridge"
        assert self.ask("POST", "/users", json={"name": name, "role": role, "password": first}).status_code == 201
        with httpx.Client(base_url=f"{self.room.url}/api/v1", headers={"Origin": self.room.url}) as client:
            csrf = client.post("/session", json={"name": name, "password": first}).json()["csrf"]
            answer = client.post(
                "/session/password", json={"old": first, "new": chosen}, headers={"X-CSRF-Token": csrf}
            )
        assert answer.status_code == 204, answer.text
        return chosen


def entered(room: Room) -> Entry:
    """Make the administrator of a fresh room, and log in."""
    answer = httpx.post(
        f"{room.url}/api/v1/setup",
        json={"token": room.setup.rpartition("=")[2], "name": NAME, "password": PASSWORD},
    )
    assert answer.status_code == 200, answer.text
    return _entry(room, answer)


def emptied(room: Room) -> Entry:
    """Log the administrator of a room in anew, and delete all studies."""
    credentials = {"name": NAME, "password": PASSWORD}
    answer = httpx.post(f"{room.url}/api/v1/session", json=credentials, headers={"Origin": room.url})
    assert answer.status_code == 200, answer.text
    entry = _entry(room, answer)
    while studies := entry.ask("GET", "/studies").json()["items"]:
        for study in studies:
            assert entry.ask("DELETE", f"/studies/{study['id']}").status_code in (204, 404)
    return entry


def _entry(room: Room, answer: httpx.Response) -> Entry:
    # Beside the session's there is the one by which the browser is known.
    name = next(name for name in answer.cookies if "device" not in name)
    return Entry(room, name, answer.cookies[name], answer.json()["csrf"])


Enter = Callable[..., Entry]
"""Gives a server without studies, with flags of ``osteon serve``, and logs its administrator in."""


@pytest.fixture(scope="module")
def enter(rooms: Rooms) -> Enter:
    """For tests that need a server without the studies of others; those of a file that give the same flags share it."""
    there: dict[tuple[str, ...], Room] = {}

    def enter(*flags: str) -> Entry:
        if flags in there:
            return emptied(there[flags])
        there[flags] = rooms(*flags)
        return entered(there[flags])

    return enter


@pytest.fixture(scope="module")
def entry(rooms: Rooms) -> Entry:
    """One server for all tests of a file that need no fresh one, with its administrator logged in."""
    return entered(rooms())


class Tab:
    """A tab of the browser, and what went wrong in it.

    Args:
        page: of Playwright.
        room: whose page it shows.
    """

    def __init__(self, page: Page, room: Room) -> None:
        self.page, self.room = page, room
        self.faults: list[str] = []
        self.allowed: set[int] = set()
        host = urlsplit(room.url).netloc
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("response", lambda answer: self._answered(answer.status, answer.url))
        self._asked: set[Request] = set()
        page.on("request", lambda request: self._begun(request))
        page.on("requestfinished", lambda request: self._asked.discard(request))
        page.on("requestfailed", lambda request: self._asked.discard(request))
        page.on(
            "request",
            lambda request: (
                None
                if urlsplit(request.url).netloc == host or request.url.startswith(("blob:", "data:"))
                else self.faults.append(f"a request to {request.url}")
            ),
        )

    def _heard(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and "Failed to load resource" not in text:
            self.faults.append(f"console: {text}")

    def _answered(self, status: int, url: str) -> None:
        if status >= 400 and status not in self.allowed:
            self.faults.append(f"status {status} of {url}")

    def _begun(self, request: Request) -> None:
        if request.is_navigation_request():
            self._asked.clear()  # those of the page before are not always told to be done
        if request.resource_type != "eventsource":  # which goes on as long as the page
            self._asked.add(request)

    def go(self, where: str = "", query: str = "") -> Page:
        """Open a place of the page."""
        self.page.goto(f"{self.room.url}/{query}#/{where}")
        return self.page

    def send(self, *files: Path, which: str = "files") -> None:
        """Choose files as the button does, and wait until each is read or explained."""
        before = self.page.locator(".upload.done, .upload.failed").count()
        self.page.locator(f"input[data-source={which}]").set_input_files([str(file) for file in files])
        expect(self.page.locator(".upload.done, .upload.failed")).to_have_count(
            before + len(files), timeout=PATIENCE * 1000
        )

    def open(self, name: str) -> None:
        """Open the study that a file became, and wait for its films."""
        self.page.locator(".upload", has_text=name).get_by_role("link", name="Open").click()
        self.ready()

    def ready(self) -> None:
        """Wait until all films of the study are drawn."""
        films = self.page.locator("[data-image]")
        expect(films.first).to_be_attached()
        expect(self.page.locator("[data-image][data-ready=true]")).to_have_count(films.count())
        self.settle()

    def settle(self) -> None:
        """Wait until what was asked for has been drawn: nothing is asked of the server, and frames later neither.

        Effects of a drawing, which may ask for more, come after the frame that shows it.
        """
        self.page.wait_for_load_state("load")
        quiet, deadline = 0, time.monotonic() + PATIENCE
        while quiet < STEADY:
            assert time.monotonic() < deadline, f"the page still asks for {[one.url for one in self._asked]}"
            self.page.evaluate(TWO_FRAMES)
            quiet = 0 if self._asked else quiet + 1

    def log_in(self, name: str, password: str) -> None:
        """Fill in the login form that is on the page."""
        self.page.get_by_label("User name").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()

    def film(self, index: int = 0) -> Locator:
        """A film of the study that is open, by its place on the screen: frontal before lateral."""
        return self.page.locator("[data-image]").nth(index)


Tabs = Callable[..., Tab]


@pytest.fixture
def tabs(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Tabs]:
    """Opens tabs of the administrator; none may have met a fault when the test ends."""
    opened: list[Tab] = []
    contexts: list[BrowserContext] = []

    def open_tab(
        *, room: Room | None = None, beside: Tab | None = None, within: Entry | None = None, **options: object
    ) -> Tab:
        """Open a tab: with ``room`` nobody is logged in; ``beside`` shares the other tab's session, ``within`` takes one."""
        if beside is not None:
            context, chosen = beside.page.context, beside.room
        else:
            context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})  # pyright: ignore[reportArgumentType]
            contexts.append(context)
            chosen = room
            if chosen is None:
                login = within or request.getfixturevalue("entry")  # a server that no other test of the file may need
                chosen = login.room
                context.add_cookies([{"name": login.name, "value": login.value, "url": chosen.url}])
        context.set_default_timeout(PATIENCE * 1000)
        tab = Tab(context.new_page(), chosen)
        opened.append(tab)
        return tab

    yield open_tab
    for context in contexts:
        context.close()
    faults = [fault for tab in opened for fault in tab.faults]
    assert faults == []


@pytest.fixture
def tab(tabs: Tabs) -> Tab:
    """A tab of the administrator."""
    return tabs()


@pytest.fixture
def shoot(tmp_path: Path) -> Callable[[Page, str], None]:
    """Keeps a picture of the page."""
    folder = Path(os.environ.get("OSTEON_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return lambda page, name: page.screenshot(path=folder / f"{name}.png") and None


@pytest.fixture(scope="session")
def films(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Films whose calls are known: bright squares are fractures to the bundle."""
    import pydicom

    folder = tmp_path_factory.mktemp("films")
    for name, strength, at in (
        ("strong.jpg", 0.95, (0.3, 0.5)),
        ("clear.png", 0.0, (0.5, 0.5)),
        ("middling.png", 0.7, (0.5, 0.5)),
        ("other.jpg", 0.93, (0.4, 0.5)),
        ("third.jpg", 0.91, (0.6, 0.5)),
        ("fourth.jpg", 0.9, (0.55, 0.5)),
    ):
        blobs.save(blobs.film(strength, at=at), folder / name)
    (folder / "broken.jpg").write_bytes((folder / "strong.jpg").read_bytes()[:300])
    (folder / "letter.pdf").write_bytes(b"%PDF-1.4\n" + b"no film" * 60)
    for name, view, strength, at in (("front.dcm", "PA", 0.95, (0.25, 0.45)), ("side.dcm", "LL", 0.8, (0.45, 0.55))):
        file = blobs.save_dicom(
            blobs.film(strength, at=at, shape=(512, 384)), folder / name, "1.2.826.0.1.3680043.8.498.77.1", age="034Y"
        )
        data = pydicom.dcmread(file)
        data.ViewPosition, data.ImagerPixelSpacing, data.PatientSex = view, [0.2, 0.2], "F"
        data.save_as(file, enforce_file_format=True)
    return folder
