"""The DICOM node of a reading room: what receives, collects, listens and delivers, started and stopped with the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from osteon.clinic.dicom.checks.outcome import Outcome
from osteon.clinic.dicom.deliver.making import Maker, check_outputs
from osteon.clinic.dicom.deliver.sender import Sender
from osteon.clinic.dicom.deliver.transport import Transport
from osteon.clinic.dicom.deliver.wanted import Wanted, by_destination, by_webhook
from osteon.clinic.dicom.receive.collect import Collector
from osteon.clinic.dicom.receive.receiver import Receiver
from osteon.clinic.dicom.reporting import Webhook
from osteon.clinic.dicom.retrieve.earlier import Earlier
from osteon.clinic.dicom.retrieve.puller import Puller
from osteon.clinic.dicom.retrieve.room import RoomSink
from osteon.clinic.dicom.settings import Destination, Dicom
from osteon.clinic.intake import Intake
from osteon.clinic.reading.engines import Engines
from osteon.clinic.store.audit.audit import Entry
from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files
from osteon.clinic.store.incoming import Incoming
from osteon.core.errors import OsteonError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pynetdicom.events import Event

    from osteon.clinic.dicom.commit import Commitments
    from osteon.clinic.dicom.receive.listen import Listener


class UnknownPeerError(OsteonError):
    """Nobody of a name can be called."""


class Node:
    """All of it.

    Args:
        settings: of the node.
        database: of the store.
        files: of the store.
        intake: gets studies.
        engines: of all bundles.
        maker: makes the objects of results.
        wake: is called when studies were queued.
        require_room: raises where nothing can be received now.
        happened: called for the metrics with the kind of event and the peer.
        audit: writes down what peers have seen.
        process: this process among those that share the store; empty where it has the store for itself.

    Attributes:
        leading: whether this process does what one at a time does for all: it listens, delivers and fetches.
        failing: whether it should, and cannot.

    Raises:
        OsteonError: a setting names what is not there, or the port cannot be used.
    """

    def __init__(
        self,
        settings: Dicom,
        database: Database,
        files: Files,
        intake: Intake,
        engines: Engines,
        maker: Maker,
        wake: Callable[[], None],
        require_room: Callable[[], object],
        happened: Callable[[str, str], None],
        audit: Callable[[Entry], None],
        process: str = "",
    ) -> None:
        for rule in settings.rules:
            if rule.bundle and engines.bundle(rule.bundle) is None:
                raise OsteonError(
                    f"a rule of [dicom] names the bundle {rule.bundle}, which this server does not have",
                    hint="Name it in further_bundles.",
                )
        self.settings = settings
        self.leading = self.failing = False
        self._shared = bool(process)
        self._database, self._files, self._maker = database, files, maker
        self._happened, self._audit = happened, audit
        self.incoming = Incoming(files.folder, process)
        self.collector = Collector(database, files, self.incoming, intake, engines, settings, wake, happened)
        self.receiver = Receiver(self.incoming, self.collector, require_room, happened)
        check_outputs(settings.destinations)
        self._prepare()

    def _prepare(self) -> None:
        """Make all that one process at a time does for all; it is started by ``lead``."""
        settings, database, files = self.settings, self._database, self._files
        happened = self._happened
        self.listener: Listener | None = None
        self._commitments: Commitments | None = None
        dimse = settings.port is not None or any(not one.web for one in settings.destinations.values())
        if dimse:  # pynetdicom takes long to import, and is not installed everywhere
            from osteon.clinic.dicom.commit import Commitments

            self._commitments = Commitments(settings, database, self.collector, happened)

        def sender(name: str, wanted: Wanted, transport: Transport) -> Sender:
            return Sender(name, wanted, settings, database, files, self._maker, transport, happened)

        self.senders = {
            name: sender(name, by_destination(name, destination, settings), self._transport(destination))
            for name, destination in settings.destinations.items()
        }
        self.senders |= {
            name: sender(name, by_webhook(name, webhook), _webhook_transport(webhook, settings.patience))
            for name, webhook in settings.webhooks.items()
        }
        if not self._shared:  # a port that cannot be had is told at the start
            self._listen()
        most = settings.instance_bytes
        self.puller = Puller(
            settings,
            database,
            lambda sender: RoomSink(self.incoming, self.receiver, self.collector, database, sender, most),
            lambda: self.listener is not None and self.listener.alive,
        )
        self.earlier = Earlier(settings, database, files) if settings.earlier else None

    def _listen(self) -> None:
        """Take the port, where there is one.

        Raises:
            OsteonError: the port or the certificate cannot be used.
        """
        settings = self.settings
        if self.listener is None and settings.port is not None and self._commitments is not None:
            from osteon.clinic.dicom.provide.provider import Provider
            from osteon.clinic.dicom.receive.listen import Listener

            searched = any(peer.query for peer in settings.peers.values())
            known = (settings, self._database, self._files, self._happened, self._audit)
            provider = Provider(*known) if searched else None
            self.listener = Listener(
                settings, self.incoming, self.receiver, self._commitments, self._happened, provider
            )

    def _transport(self, destination: Destination) -> Transport:
        if destination.web:
            from osteon.clinic.dicom.deliver.stow import StowTransport

            return StowTransport(destination, self.settings.patience)
        from osteon.clinic.dicom.deliver.dimse import DimseTransport

        if self._commitments is None:
            raise TypeError("a destination by DICOM needs the commitments")
        return DimseTransport(self.settings, destination, self._commitments.reported)

    @property
    def alive(self) -> bool:
        """Whether all of it works that this process does."""
        if not self.leading:
            return self.collector.alive
        senders = all(sender.alive for sender in self.senders.values())
        asking = self.puller.alive and (self.earlier is None or self.earlier.alive)
        return senders and asking and self.collector.alive and (self.listener is None or self.listener.alive)

    def start(self, *, alone: bool = True) -> None:
        """Take up what a process before this one left; what comes in over HTTP is taken from now on.

        Args:
            alone: whether no other process can use the store now.
        """
        self.collector.start(alone=alone)

    def lead(self) -> None:
        """Deliver, fetch, and let others call: of those that share a store one does.

        Raises:
            OsteonError: the port cannot be used.
        """
        if self.leading:
            return
        self._listen()
        self.leading, self.failing = True, False
        for sender in self.senders.values():
            sender.start()
        if self.listener is not None:
            self.listener.start()
        self.puller.start()
        if self.earlier is not None:
            self.earlier.start()

    def test(self, name: str) -> Outcome:
        """Try, step by step and in bounded time, whether a destination, webhook or peer answers.

        Args:
            name: of a destination or webhook, else AE title of a peer.

        Raises:
            UnknownPeerError: it is none of them, or a peer that does not listen.
        """
        sender = self.senders.get(name)
        if sender is not None:
            return sender.transport.test()
        peer = self.settings.peers.get(name)
        if peer is None or not peer.listens:
            raise UnknownPeerError(
                "there is nobody of this name to call",
                expected="a destination, a webhook, or a peer with a port, and a host or a single address",
            )
        asked = Destination(
            aet=name,
            host=peer.host or peer.single,
            port=peer.port,
            tls=self.settings.tls,
            certificate=peer.certificate,
            outputs=("-",),
        )
        from osteon.clinic.dicom.deliver.dimse import DimseTransport

        return DimseTransport(self.settings, asked, _unasked).test()

    def read(self) -> None:
        """Say that a study was read: its results may have to be delivered."""
        for sender in self.senders.values():
            sender.wake()

    def wake(self) -> None:
        """Say that results are to be delivered now, or studies fetched: another server was asked for it."""
        for sender in self.senders.values():
            sender.wake(at_once=True)
        self.puller.wake()
        if self.earlier is not None:
            self.earlier.wake()

    def follow(self) -> None:
        """Do no longer what another process does now; what was being done is gone on with there."""
        if self.leading:
            self._end()
            self._prepare()

    def stop(self) -> None:
        """End cleanly: what was acknowledged is on the disk, and what is to be delivered is in the outbox."""
        self._end()
        self.collector.stop()

    def _end(self) -> None:
        self.leading = False
        self.puller.stop()
        if self.earlier is not None:
            self.earlier.stop()
        if self.listener is not None:
            self.listener.stop()
        if self._commitments is not None:
            self._commitments.stop()
        for sender in self.senders.values():
            sender.stop()


def _unasked(event: Event) -> tuple[int, Dataset | None]:
    """Nobody reports on an association that only echoes."""
    del event
    return 0, None


def _webhook_transport(webhook: Webhook, patience: float) -> Transport:
    from osteon.clinic.dicom.deliver.webhook import WebhookTransport  # a client for HTTP, which most servers do without

    return WebhookTransport(webhook, patience)
