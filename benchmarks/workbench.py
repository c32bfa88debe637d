"""How fast the next study stands in the annotation workbench, in a real Chromium, on simulated spines.

    python benchmarks/workbench.py --studies 8 --size 2500

Starts `osteon annotate demo`, finishes each study once its successor is loaded beforehand, as a reader does who takes longer than
that, and measures from the change of the address to the frame in which all images of the next study are drawn. With --cold the
successor is not waited for.
"""

from __future__ import annotations

import argparse
import re
import shutil
import signal
import statistics
import subprocess
import sys
import threading
from queue import Empty, Queue

from playwright.sync_api import sync_playwright

ADDRESS = re.compile(r"at (http://\S+)/#/annotate")
ACCOUNT = re.compile(r"^ana\s+annotator\s+(\S+)$", re.MULTILINE)
PATIENCE = 600
"""Seconds for simulating and reading the studies."""

STOOD = """() => {
  const before = location.hash, ready = () => document.querySelectorAll("[data-ready=true]").length;
  let since = 0;
  window.stood = new Promise(done => {
    const look = () => {
      if (since === 0 && location.hash !== before) since = performance.now();
      if (since > 0 && ready() === 2) done(performance.now() - since);
      else requestAnimationFrame(look);
    };
    look();
  });
}"""


def main() -> None:
    """Print each time, their median and the longest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=8)
    parser.add_argument("--size", type=int, default=2500, help="longer edge of the images, pixels")
    parser.add_argument("--cold", action="store_true", help="do not wait until the next study is loaded beforehand")
    chosen = parser.parse_args()
    command = [sys.executable, "-u", "-m", "osteon.cli", "annotate", "demo", "--port", "0"]
    command += ["--studies", str(chosen.studies), "--size", str(chosen.size)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        url, password = _told(process)
        times = _measured(url, password, chosen.studies, cold=chosen.cold)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
    print(
        f"{len(times)} studies of two images, {chosen.size} px: " + ", ".join(f"{time:.0f}" for time in times) + " ms"
    )
    print(f"median {statistics.median(times):.0f} ms, longest {max(times):.0f} ms")


def _told(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Address and password that the demo prints."""
    lines: Queue[str] = Queue()
    stdout = process.stdout
    if stdout is None:
        raise RuntimeError("no output")
    threading.Thread(target=lambda: [lines.put(line) for line in stdout], daemon=True).start()
    text = ""
    while True:
        try:
            text += lines.get(timeout=PATIENCE)
        except Empty:
            raise RuntimeError(f"the demo did not start:\n{text}") from None
        address, account = ADDRESS.search(text), ACCOUNT.search(text)
        if address is not None and account is not None:
            return address[1], account[1]


def _measured(url: str, password: str, studies: int, *, cold: bool) -> list[float]:
    times: list[float] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(120_000)
        loaded: list[str] = []
        page.on("requestfinished", lambda request: loaded.append(request.url) if "/pixels" in request.url else None)
        page.goto(f"{url}/#/annotate")
        page.get_by_label("User name").fill("ana")
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("link", name="Simulated spines").click()
        page.get_by_role("link", name="Continue").click()
        for number in range(1, studies):
            page.wait_for_function("() => document.querySelectorAll('[data-ready=true]').length === 2")
            while not cold and len(loaded) < 2 * (number + 1):
                page.wait_for_timeout(20)
            if not cold:
                page.wait_for_timeout(300)
            page.locator("[data-image]").first.focus()
            for key in ("0", "Shift+I", "0"):
                page.keyboard.press(key)
            page.evaluate(STOOD)
            page.keyboard.press("Shift+F")
            times.append(page.evaluate("() => window.stood"))
        browser.close()
    return times


if __name__ == "__main__":
    main()
