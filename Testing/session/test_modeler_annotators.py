"""Who can be compared, as things stand, and why somebody cannot."""

from __future__ import annotations

import numpy as np
import pytest

from headless.application import start
from SpineRootLib.anatomy import ROOTS, Root
from SpineRootLib.annotation_files import sidecar_path
from SpineRootLib.commands import main
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import SpineRootError
from SpineRootLib.images import Image, read_frame, write_image
from SpineRootLib.labels import label_map
from SpineRootLib.place import Place
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


@pytest.fixture
def with_model(session, two_annotators):
    """A model's label map of the first annotator's work, moved to the right by 0.4 mm, imported as its annotation."""
    image = Dataset.open(two_annotators).image("01", "CISS")
    labels = label_map(read_frame(image), Dataset.open(two_annotators).read("01", "A"))
    moved = read_frame(image).affine.copy()
    moved[0, 3] += 0.4
    path = write_image(two_annotators / "sub-01_model.nii.gz", Image(labels, moved))
    out = two_annotators / "derivatives/markers-unet"
    where = ["--subject", "01", "--ciss", str(image), "--out", str(out)]
    assert main(["from-labels", str(path), "--table", "spineroot", *where]) == 0
    return session


def test_a_model_is_compared_without_a_sign_off_and_has_no_vote(with_model, two_annotators):
    model = choices(Dataset.open(two_annotators), "01")[-1]
    assert (model.label, model.signed_off, model.state) == ("unet", True, "a model: measured, no vote")
    with_model.compare(["A", "B", "unet"])
    found = with_model.comparison
    assert [(pair.a, pair.b) for pair in found.comparison.pairs] == [("A", "B"), ("A", "unet"), ("B", "unet")]
    apart = found.comparison.pairs[1].of(Place(ROOTS, Root("L3", "L"))).distances
    assert len(apart) > 10 and np.median(apart) == pytest.approx(0.4, abs=0.1)
    assert "unet" not in found.discussion.answers()
    together = found.discussion.consensus(accept=True).annotation
    with_model.compare(["A", "B"])
    alone = with_model.comparison.discussion.consensus(accept=True).annotation
    for root, points in alone.roots.items():
        np.testing.assert_array_equal(together.roots[root], points)


def test_a_person_and_a_model_are_measured_and_make_no_consensus(with_model):
    with_model.compare(["A", "unet"])
    assert with_model.comparison.discussion.disagreements == ()
    with pytest.raises(SpineRootError, match="fewer than two people annotated"):
        with_model.make_consensus(accept=True)


@pytest.mark.usefixtures("with_model")
def test_what_a_person_worked_on_is_no_model_s_any_more(two_annotators):
    path = next((two_annotators / "derivatives/markers-unet/sub-01").glob("*_nerveroots_*.json"))
    path.write_text(path.read_text() + " ")
    assert choices(Dataset.open(two_annotators), "01")[-1].state == "not signed off"


def test_too_few_to_compare_says_why_the_others_cannot_be_ticked(session, two_annotators):
    sidecar(two_annotators, "B").unlink()
    with pytest.raises(SpineRootError, match=r"two annotators or more.* B \(not signed off: sub-01_annotation.json is"):
        session.compare(["A"])
    assert session.comparison is None
