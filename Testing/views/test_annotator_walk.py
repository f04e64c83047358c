"""Every step through the slices of a crowded subject shows a mark, a ring, or why there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from SpineRootAnnotatorLib.work.marks import Mark
from SpineRootLib.anatomy import DURA, ROOTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.images import write_image
from SpineRootLib.phantom import PhantomSettings
from SpineRootLib.phantom.ciss import make_ciss
from SpineRootLib.phantom.sac_contents import sac_contents
from SpineRootLib.phantom.truth import make_truth
from SpineRootLib.place import Place
from SpineRootLib.sentences import sentence

EVERY = 10  # slices between what is marked
STEPS = 6  # each root is looked at on every so many slices, each on others than the root before; all of them take 16 s


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Annotation]:
    """A dataset with the CISS image of a subject whose roots crowd, and where they are."""
    settings, folder = PhantomSettings.small(), tmp_path_factory.mktemp("crowded")
    truth = make_truth(settings, 1, "01")
    ciss = make_ciss(truth, sac_contents(truth.spine, settings.distractors, 1), settings.image, 1)
    path = folder / "rawdata" / "sub-01" / "anat" / "sub-01_CISS.nii.gz"
    path.parent.mkdir(parents=True)
    write_image(path, ciss)
    return folder, truth.annotation


@pytest.fixture
def sparse(annotator, crowded):
    """The annotator in the mode for roots, with dura and roots marked on every tenth slice."""
    dataset, truth = crowded
    annotator.open(dataset)
    subject = annotator.subject
    for number, contour in truth.contours_by_slice(DURA).items():
        if number % EVERY == 1:
            subject.put(Place(DURA, slice=number), Mark.of(contour.points))
    for root in truth.expected_roots():
        for number, point in list(truth.root_by_slice(root).items())[::EVERY]:
            subject.put(Place(ROOTS, root, number), Mark.of(point))
    annotator.press("3")
    return annotator


def shown(annotator):
    """What a step shows of the active root: ``mark``, ``ring``, ``reason``, or nothing."""
    subject = annotator.subject
    place = subject.mode.place
    if subject.mark(place) is not None:
        return "mark" if len(subject.point.defined_points()) else ""
    if subject.proposals.has(place):
        return "ring" if subject.display.on_slice.node.GetPolyData().GetNumberOfLines() else ""
    said, generic = annotator.session.status.text, f"Click where {place.root} is;"
    return "reason" if not said.startswith(generic) and said == sentence(said) else ""


def test_each_step_shows_a_mark_or_a_ring_or_says_why_there_is_none(sparse, crowded):
    subject, (_dataset, truth) = sparse.subject, crowded
    found = {}
    for index, root in enumerate(truth.expected_roots()):
        subject.root = root
        marked = truth.root_by_slice(root)
        first, last = max(1, min(marked) - 8), min(subject.planes.count, max(marked) + 8)
        for number in range(first + index % STEPS, last + 1, STEPS):
            subject.go_to(number)
            subject.settle()
            found[root, number] = shown(sparse)
    assert [place for place, what in found.items() if not what] == []
    assert {"mark", "ring", "reason"} <= set(found.values()), "each of the three is met on this walk"
