"""The whole hour of an annotator on the phantom, from opening a subject to signing it off, by clicks and keys alone."""

from __future__ import annotations

import json

import numpy as np

from SpineRootLib.annotation_files import read_annotation
from SpineRootLib.curves import distance_to_polygon

SLICES = range(16, 24)


def ganglia(annotator, truth):
    for _ in range(14):
        ganglion = truth.ganglia[annotator.subject.root]
        annotator.green.node.JumpSliceByCentering(*ganglion)
        annotator.click(ganglion, annotator.green)


def contours(annotator, truth):
    annotator.press("2")
    for structure in ("dura", "cord"):
        true = truth.contours_by_slice(structure)
        annotator.go_to(SLICES[0])
        annotator.press("Q")
        annotator.click(true[SLICES[0]].points.mean(axis=0))
        annotator.press("A")
        for _ in SLICES[1:]:
            annotator.press("Q", "A")
        annotator.press("Tab")


def roots(annotator, truth):
    annotator.press("3")
    annotator.session.settings.after_click = "down"
    for root in annotator.subject.annotation.expected_roots():
        annotator.press("Tab") if annotator.subject.root != root else None
        assert annotator.subject.root == root
        course = {number: point for number, point in truth.root_by_slice(root).items() if number in SLICES}
        for number, point in course.items():
            annotator.go_to(number)
            annotator.click(point)


def test_from_open_to_sign_off(annotator, dataset, truth):
    annotator.open(dataset)
    ganglia(annotator, truth)
    contours(annotator, truth)
    roots(annotator, truth)
    annotator.press("4", "Tab")
    annotator.session.sign_off()
    annotator.session.close()

    markers = dataset / "derivatives" / "markers-C"
    found = read_annotation(markers, "01", truth.planes)
    assert set(found.ganglia) == set(truth.ganglia)
    for structure in ("dura", "cord"):
        drawn, true = found.contours_by_slice(structure), truth.contours_by_slice(structure)
        assert sorted(drawn) == list(SLICES)
        apart = [distance_to_polygon(true[number].curve(), drawn[number].points).mean() for number in SLICES]
        assert max(apart) < 0.6
    for root in truth.roots:
        marked, true = found.root_by_slice(root), truth.root_by_slice(root)
        assert set(marked) == set(true) & set(SLICES)
        assert all(np.linalg.norm(marked[number] - true[number]) < 0.3 for number in marked)
    assert found.findings == []
    document = json.loads((markers / "sub-01" / "sub-01_annotation.json").read_text())
    assert document["SignOff"]["By"] == "C"
    assert document["Images"]["CISS"]["File"] == "sub-01_CISS.nii.gz"
    assert document["Structures"]["dura_20"]["Accepted"] > 0


def test_every_step_can_be_undone_back_to_nothing(annotator, dataset, truth):
    annotator.open(dataset)
    ganglia(annotator, truth)
    contours(annotator, truth)
    while annotator.subject.work.history.done:
        annotator.press("Ctrl+Z")
    assert annotator.subject.annotation.is_empty
    folder = dataset / "derivatives" / "markers-C" / "sub-01"
    assert list(folder.glob("*_dura_*.json")) == []
    while annotator.subject.work.history.undone:
        annotator.press("Ctrl+Y")
    assert len(annotator.subject.annotation.ganglia) == 14
    assert sorted(annotator.subject.annotation.contours_by_slice("dura")) == list(SLICES)
