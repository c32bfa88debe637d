"""The patient's earlier studies in a real archive are listed next to the result, fetched by a button, and opened beside."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect
from pydicom.uid import generate_uid
from tests.dicom_files import write_dicom
from tests.orthanc import orthanc

pytestmark = [pytest.mark.browser, pytest.mark.pacs]


def radiograph(blobs: Any, seed: int, **about: Any) -> bytes:
    picture = blobs.film(0.95, shape=(512, 384), at=(0.3, 0.5))
    grain = np.random.default_rng(seed).normal(0, 0.004, picture.shape)
    words = np.rint(np.clip(picture + grain, 0, 1) * 4095).astype(np.uint16)
    stated = {
        "PatientID": "E1",
        "PatientName": "Earlier^Study",
        "BodyPartExamined": "HAND",
        "PatientBirthDate": "19700101",
    }
    return write_dicom(words, **{**stated, "WindowCenter": 2047.5, "WindowWidth": 4096, **about})


def test_listed_fetched_and_opened(enter: Any, tabs: Any, blobs: Any, shoot: Any, tmp_path: Path) -> None:
    old, uid = generate_uid(), generate_uid()
    with orthanc(tmp_path / "pacs") as pacs:
        pacs.store(radiograph(blobs, 1, StudyInstanceUID=old, StudyDate="20210304", StudyDescription="Hand, left"))
        archives = json.dumps({"pacs": {"url": pacs.dicomweb}})
        login = enter(
            "--set", f"dicom.archives={archives}", "--set", "dicom.earlier=pacs", "--set", "dicom.quiet_seconds=0.3"
        )
        login.send(("now.dcm", radiograph(blobs, 2, StudyInstanceUID=uid, StudyDate="20260101")))
        (study,) = login.ask("GET", "/studies").json()["items"]
        tab = tabs(within=login)
        page = tab.go(f"study/{study['id']}")
        tab.ready()
        part = page.locator("[data-earlier]")
        expect(part.locator("summary")).to_contain_text("Earlier studies1")
        part.locator("summary").click()
        expect(part).to_contain_text("2021-03-04 · Hand, left · CR")
        shoot(page, "earlier-listed")
        part.get_by_role("button", name="Fetch the study of 2021-03-04").click()
        link = part.get_by_role("link", name="Open beside")
        expect(link).to_be_visible()
        end = time.monotonic() + 60
        while any(one["state"] != "done" for one in login.ask("GET", "/studies").json()["items"]):
            assert time.monotonic() < end
            time.sleep(0.2)
        with page.expect_popup() as opened:
            link.click()
        beside = opened.value
        expect(beside.locator("[data-image][data-ready=true]")).to_have_count(1)
        assert page.url != beside.url
        expect(page.locator("[data-image][data-ready=true]")).to_have_count(1)
        shoot(page, "earlier-fetched")


def test_nothing_is_shown_where_it_is_off(tab: Any, entry: Any, blobs: Any) -> None:
    entry.send(("off.dcm", radiograph(blobs, 3, StudyInstanceUID=generate_uid())))
    (study,) = entry.ask("GET", "/studies").json()["items"]
    page = tab.go(f"study/{study['id']}")
    tab.ready()
    expect(page.locator(".verdict")).to_be_visible()
    expect(page.locator("[data-earlier]")).to_have_count(0)
