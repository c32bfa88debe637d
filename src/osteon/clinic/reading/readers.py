"""The bundles of a server: the one that reads what comes in, and others that read where it is asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from osteon.bundle.archive import Bundle
from osteon.inference.reader import Reader


class Readers:
    """Readers by the identity of their bundle; safe to use from several threads at once.

    Args:
        bundle: that reads what comes in.
        reader: of that bundle.
        further: bundles that a study can be read again with.
        make: makes the reader of one of them, the first time that it is needed.
    """

    def __init__(
        self, bundle: Bundle, reader: Reader, further: Sequence[Bundle] = (), make: Callable[[Bundle], Reader] = Reader
    ) -> None:
        self._default = bundle
        self._bundles = {item.manifest.identity: item for item in (*further, bundle)}
        self._readers = {bundle.manifest.identity: reader}
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

    def reader(self, identity: str) -> Reader:
        """The reader of a bundle; that of the first one where the server has the bundle no more."""
        with self._lock:
            bundle = self._bundles.get(identity, self._default)
            name = bundle.manifest.identity
            if name not in self._readers:
                self._readers[name] = self._make(bundle)
            return self._readers[name]
