"""The notice of an urgent study: its content, and how it is signed.

Nothing of a patient is in it but the identifiers that the settings allow.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any, Final

from osteon.clinic.dicom.reporting import Webhook
from osteon.clinic.store.tables.studies import Study

TIMESTAMP: Final = "Osteon-Timestamp"
SIGNATURE: Final = "Osteon-Signature"
DELIVERY: Final = "Osteon-Delivery"
"""Headers of a notice: seconds since 1970, the signature, and a number that stays the same when it is sent again."""

EVENT: Final = "urgent-study"
TEST: Final = "test"


def study_notice(study: Study, webhook: Webhook, number: int, created: datetime) -> bytes:
    """The body of a notice.

    Args:
        study: that was read.
        webhook: that gets it.
        number: of the delivery.
        created: when the study was read.
    """
    told: dict[str, Any] = {
        "event": EVENT,
        "delivery": number,
        "created": created.isoformat(),
        "version": study.version,
        "urgency": study.urgency,
    }
    optional = {
        "call": study.call if webhook.call else None,
        "study_uid": study.uid if webhook.study_uid else None,
        "accession": study.accession if webhook.accession else None,
        "link": f"{webhook.page.rstrip('/')}/#/study/{study.id}" if webhook.page else None,
    }
    return _json(told | {name: value for name, value in optional.items() if value})


def trial_notice(created: datetime) -> bytes:
    """The body of a notice that says that it is a test."""
    return _json({"event": TEST, "created": created.isoformat()})


def signed_headers(body: bytes, secret: str, timestamp: int, delivery: str) -> dict[str, str]:
    """The headers of a notice that is sent now.

    Args:
        body: of the request, as it is sent.
        secret: of the webhook.
        timestamp: seconds since 1970; it is signed, too, so that nobody can send an old notice again.
        delivery: number of the delivery; empty for a test.
    """
    signature = hmac.new(secret.encode(), f"{timestamp}.".encode("ascii") + body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", TIMESTAMP: str(timestamp), SIGNATURE: f"sha256={signature}"}
    return {**headers, **({DELIVERY: delivery} if delivery else {})}


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode("ascii")
