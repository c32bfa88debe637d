"""Fingers on a touch screen, as Chromium simulates them."""

from __future__ import annotations

from tests.browser.conftest import Tab


class Fingers:
    """Fingers on the screen of a tab, at places of an image in shares of its frame.

    Args:
        tab: with a touch screen.
        index: of the film.
    """

    def __init__(self, tab: Tab, index: int) -> None:
        self._box = tab.film(index).bounding_box()
        self._device = tab.page.context.new_cdp_session(tab.page)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A place on the screen."""
        assert self._box is not None
        return self._box["x"] + x * self._box["width"], self._box["y"] + y * self._box["height"]

    def tap(self, x: float, y: float) -> None:
        """Touch a place and let go."""
        self.drag((x, y), (x, y))

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Drag one finger."""
        self.slide(self.at(*start), self.at(*end))

    def slide(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Likewise, by places on the screen."""
        self._send("touchStart", start)
        self._send("touchMove", end)
        self._send("touchEnd")

    def spread(self) -> None:
        """Put a second finger down beside the first and draw both apart."""
        self._send("touchStart", self.at(0.45, 0.5))
        self._send("touchStart", self.at(0.45, 0.5), self.at(0.55, 0.5))
        for by in (0.05, 0.1, 0.15):
            self._send("touchMove", self.at(0.45 - by, 0.5), self.at(0.55 + by, 0.5))
        self._send("touchEnd")

    def _send(self, kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        self._device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
