"""The bundles of a server: the one that reads what comes in, and others that read where it is asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from osteon.bundle.archive import Bundle
from osteon.inference.engine import InferenceEngine


class Engines:
    """Engines by the identity of their bundle; safe to use from several threads at once.

    Args:
        bundle: that reads what comes in.
        engine: of that bundle.
        further: bundles that a study can be read again with.
        make: makes the engine of one of them, the first time that it is needed.
    """

    def __init__(
        self,
        bundle: Bundle,
        engine: InferenceEngine,
        further: Sequence[Bundle] = (),
        make: Callable[[Bundle], InferenceEngine] = InferenceEngine,
    ) -> None:
        self._default = bundle
        self._bundles = {other.manifest.identity: other for other in (*further, bundle)}
        self._engines = {bundle.manifest.identity: engine}
        self._make = make
        self._lock = threading.Lock()

    @property
    def bundles(self) -> tuple[Bundle, ...]:
        """All bundles, the one that reads what comes in first."""
        others = [bundle for bundle in self._bundles.values() if bundle is not self._default]
        return (self._default, *others)

    def bundle(self, name: str) -> Bundle | None:
        """The bundle of a name or identity, or None."""
        return next(
            (bundle for bundle in self.bundles if name in (bundle.manifest.name, bundle.manifest.identity)), None
        )

    def identity(self, name: str) -> str | None:
        """The identity of the bundle of a name or identity, or None."""
        found = self.bundle(name)
        return None if found is None else found.manifest.identity

    def engine(self, identity: str) -> InferenceEngine:
        """The engine of a bundle; that of the first one where the server has the bundle no more."""
        with self._lock:
            bundle = self._bundles.get(identity, self._default)
            name = bundle.manifest.identity
            if name not in self._engines:
                self._engines[name] = self._make(bundle)
            return self._engines[name]
