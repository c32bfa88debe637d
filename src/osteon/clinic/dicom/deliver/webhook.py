"""Carries notices to a webhook: a signed POST of JSON."""

from __future__ import annotations

import time
from collections.abc import Sequence

import httpx

from osteon.clinic.dicom.checks.outcome import Outcome, try_steps
from osteon.clinic.dicom.checks.web import notice
from osteon.clinic.dicom.deliver.notice import signed_headers, trial_notice
from osteon.clinic.dicom.deliver.stow import first_steps, trusted
from osteon.clinic.dicom.deliver.transport import Load, Sent
from osteon.clinic.dicom.reporting import Webhook
from osteon.clinic.store.pacs.outbox import Parcel
from osteon.clinic.store.tables.base import now
from osteon.core.codes.check import CheckStep
from osteon.core.errors import PeerError


class WebhookTransport:
    """Carries notices to one receiver.

    Args:
        webhook: of the settings.
        patience: seconds that it may take to answer.
    """

    def __init__(self, webhook: Webhook, patience: float) -> None:
        self._webhook = webhook
        self._patience = patience
        self._verify = trusted(webhook.ca)

    def test(self) -> Outcome:
        """Connect, make it secure, and send a signed notice that says that it is a test."""

        def post(seconds: float) -> httpx.Response:
            with self._client() as client:
                return self._post(client, trial_notice(now()), "", seconds)

        return try_steps(*first_steps(self._webhook.url, self._verify), (CheckStep.NOTICE, notice(post)))

    def send(self, loads: Sequence[Load]) -> dict[int, Sent]:
        """Send notices, one after the other, until one is not taken."""
        found: dict[int, Sent] = {}
        failure: PeerError | None = None
        with self._client() as client:
            for load in loads:
                if failure is None:
                    failure = self._try(client, load)
                    if failure is not None and not found:
                        raise failure
                found[load.parcel.id] = failure
        return found

    def ask(self, parcels: Sequence[Parcel], transaction: str) -> None:
        """Nothing: a notice that was taken is done."""
        del parcels, transaction

    def _try(self, client: httpx.Client, load: Load) -> PeerError | None:
        try:
            answer = self._post(client, load.path.read_bytes(), str(load.parcel.id), self._patience)
        except httpx.HTTPError as error:
            return PeerError("the webhook cannot be reached", got=type(error).__name__)
        if answer.is_success:
            return None
        hint = "Set its url to the address that it sends callers on to." if answer.is_redirect else ""
        return PeerError("the webhook does not take a notice", got=f"HTTP status {answer.status_code}", hint=hint)

    def _post(self, client: httpx.Client, body: bytes, delivery: str, seconds: float) -> httpx.Response:
        secret = self._webhook.secret.get_secret_value()
        headers = signed_headers(body, secret, int(time.time()), delivery)
        # What it answers with is not read: it may be of any size.
        with client.stream("POST", self._webhook.url, content=body, headers=headers, timeout=seconds) as answer:
            return answer

    def _client(self) -> httpx.Client:
        return httpx.Client(verify=self._verify, trust_env=False, follow_redirects=False)
