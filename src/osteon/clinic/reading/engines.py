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

    @property
    def identities(self) -> tuple[str, ...]:
        """``name@version`` of all bundles."""
        return tuple(self._bundles)

    def bundle(self, name: str) -> Bundle | None:
        """The bundle of a name or identity, or None."""
        return next(
            (bundle for bundle in self.bundles if name in (bundle.manifest.name, bundle.manifest.identity)), None
        )

    def identity(self, name: str) -> str | None:
        """The identity of the bundle of a name or identity, or None."""
        found = self.bundle(name)
        return None if found is None else found.manifest.identity

    @property
    def default(self) -> Bundle:
        """The bundle that reads what comes in."""
        return self._default

    def put(self, bundle: Bundle, engine: InferenceEngine | None = None, *, default: bool = False) -> None:
        """Have a bundle from now on; one of the same identity is replaced, and what is read now is read to its end.

        Args:
            bundle: verified.
            engine: of it; None to make it when it is needed first.
            default: whether it reads what comes in.
        """
        identity = bundle.manifest.identity
        with self._lock:
            # Others keep what they had: dictionaries are replaced, never changed while somebody looks through them.
            if self._bundles.get(identity) is not bundle:
                self._engines = {name: held for name, held in self._engines.items() if name != identity}
            # A later version of a name comes before an earlier one, which stays for what was queued for it.
            self._bundles = {
                identity: bundle,
                **{name: held for name, held in self._bundles.items() if name != identity},
            }
            if engine is not None:
                self._engines = self._engines | {identity: engine}
            if default:
                self._default = bundle

    def engine(self, identity: str) -> InferenceEngine:
        """The engine of a bundle; that of the first one where the server has the bundle no more."""
        with self._lock:
            bundle = self._bundles.get(identity, self._default)
            name = bundle.manifest.identity
            if name not in self._engines:
                self._engines[name] = self._make(bundle)
            return self._engines[name]
