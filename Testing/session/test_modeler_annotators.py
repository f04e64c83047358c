"""Who can be compared, as things stand, and why somebody cannot."""

from __future__ import annotations

import pytest

from headless.application import start
from SpineRootLib.annotation_files import sidecar_path
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import SpineRootError
from two_annotators import put

start()
from SpineRootModelerLib.session import ModelSession  # noqa: E402
from SpineRootModelerLib.work.annotators import choices  # noqa: E402


def sidecar(dataset, label):
    return sidecar_path(dataset / "derivatives" / f"markers-{label}" / "sub-01", "01")


@pytest.fixture
def session(scene, two_annotators):
    opened = ModelSession(scene)
    opened.open_subject(two_annotators, "01")
    yield opened
    opened.shut_down()


def test_a_sign_off_is_seen_as_soon_as_it_is_there(two_annotators):
    dataset = Dataset.open(two_annotators)
    put(two_annotators, "C", dataset.read("01", "A"), signed_off=False)
    assert [choice.state for choice in choices(dataset, "01")][2] == "not signed off"
    put(two_annotators, "C", dataset.read("01", "A"), signed_off=True)
    assert [choice.state for choice in choices(dataset, "01")][2] == "signed off 2026-01-01"


def test_work_without_a_sidecar_says_what_is_missing_and_what_to_do(two_annotators):
    sidecar(two_annotators, "B").unlink()
    (_a, b) = choices(Dataset.open(two_annotators), "01")
    assert not b.signed_off
    missing = "not signed off: sub-01_annotation.json is missing"
    assert b.state == f"{missing}; open the subject in the Annotator as B and sign it off there"


def test_a_sidecar_that_cannot_be_read_is_named(two_annotators):
    sidecar(two_annotators, "B").write_text("{")
    (_a, b) = choices(Dataset.open(two_annotators), "01")
    assert not b.signed_off
    assert "sub-01_annotation.json" in b.state


def test_too_few_to_compare_says_why_the_others_cannot_be_ticked(session, two_annotators):
    sidecar(two_annotators, "B").unlink()
    with pytest.raises(SpineRootError, match=r"two annotators or more.* B \(not signed off: sub-01_annotation.json is"):
        session.compare(["A"])
    assert session.comparison is None
