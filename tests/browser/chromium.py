"""Debian's Chromium for tests: the lighter headless shell where it is installed, else the browser without what no test sees."""

from __future__ import annotations

import shutil

import pytest

_OFF = (
    # of playwright: the last --disable-features counts
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
    # each window would start processes for pages of the address bar and a spare one: a second of the processor for a context
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "PreloadTopChromeWebUI",
    "SpareRendererForSitePerProcess",
)
FLAGS = ("--no-sandbox", f"--disable-features={','.join(_OFF)}")


def chromium() -> str:
    """The program; skips where there is none."""
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if program is None:
        pytest.skip("needs Debian's chromium")
    return program
