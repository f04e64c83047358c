"""Markups files in Slicer's own hands: what is written here it reads identically, and what it writes is read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import slicer

from SpineRootLib.curves import closed_curve
from SpineRootLib.frames import Points
from SpineRootLib.markups import CLOSED_CURVE, FIDUCIAL, Markup, read_markup, write_markup

# an outline of the size of a dura, one of the size of a conus, and one that is far from round
OUTLINES = {"dura": (9.0, 7.0, 26), "conus": (1.2, 0.9, 7), "three points": (4.0, 3.0, 3), "flat": (9.0, 1.5, 18)}
# Slicer's JSON parser rounds the last bit of a number: 6e-14 at 400 mm
LAST_BIT_MM = 2e-13
NODES = {FIDUCIAL: "vtkMRMLMarkupsFiducialNode", CLOSED_CURVE: "vtkMRMLMarkupsClosedCurveNode"}


def outline(name: str) -> Points:
    """Unevenly spaced control points, (n, 3), on a tilted plane."""
    width, depth, count = OUTLINES[name]
    random = np.random.default_rng(count)
    angle = 2 * np.pi * (np.arange(count) + random.uniform(-0.25, 0.25, count)) / count
    stretch = 1 + random.normal(0.0, 0.03, count)
    return np.column_stack(
        [stretch * width * np.cos(angle), stretch * depth * np.sin(angle), 0.1 * np.sin(angle) - 400]
    )


def marked(kind: str) -> Markup:
    points = outline("dura") / 3
    return Markup(kind, points, tuple(f"L1_L-{number}" for number in range(1, len(points) + 1)))


def slicer_read(path: Path, kind: str) -> Any:
    """The node that Slicer's storage node reads from a file."""
    node = slicer.mrmlScene.AddNewNodeByClass(NODES[kind])
    node.CreateDefaultDisplayNodes()
    storage = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsJsonStorageNode")
    storage.SetFileName(str(path))
    assert storage.ReadData(node)
    return node


def slicer_write(node: Any, path: Path) -> Path:
    """The file that Slicer's storage node writes."""
    storage = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsJsonStorageNode")
    storage.SetFileName(str(path))
    assert storage.WriteData(node)
    return path


def control_points(node: Any) -> Points:
    return np.array([node.GetNthControlPointPositionWorld(n) for n in range(node.GetNumberOfControlPoints())])


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize("kind", NODES)
def test_slicer_reads_what_is_written_here(tmp_path, kind):
    markup = marked(kind)
    node = slicer_read(write_markup(tmp_path / "sub-01_x.json", markup), kind)
    assert np.abs(control_points(node) - markup.points).max() < LAST_BIT_MM
    assert tuple(node.GetNthControlPointLabel(n) for n in range(len(markup.points))) == markup.labels
    assert all(node.GetNthControlPointPositionStatus(n) == node.PositionDefined for n in range(len(markup.points)))
    assert all(not node.GetNthControlPointAssociatedNodeID(n) for n in range(len(markup.points)))


@pytest.mark.parametrize("kind", NODES)
def test_slicer_opens_a_file_by_itself_in_its_colour(scene, tmp_path, kind):
    path = write_markup(tmp_path / "sub-01_nerveroots_L1_L.json", marked(kind), color=(0.25, 0.5, 0.75))
    logic = slicer.modules.markups.logic()
    node = scene.GetNodeByID(logic.LoadMarkups(str(path)))
    assert (node.GetClassName(), node.GetName()) == (NODES[kind], "sub-01_nerveroots_L1_L")
    assert node.GetDisplayNode().GetSelectedColor() == (0.25, 0.5, 0.75)
    assert node.GetDisplayNode().GetGlyphSize() == 1.0


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize("kind", NODES)
def test_a_file_that_went_through_slicer_says_the_same(tmp_path, kind):
    markup = marked(kind)
    node = slicer_read(write_markup(tmp_path / "a.json", markup), kind)
    back = read_markup(slicer_write(node, tmp_path / "b.json"))
    assert (back.kind, back.labels) == (markup.kind, markup.labels)
    assert np.abs(back.points - markup.points).max() < 2 * LAST_BIT_MM


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize("kind", NODES)
def test_every_key_that_is_written_here_is_one_that_slicer_writes(tmp_path, kind):
    ours = write_markup(tmp_path / "a.json", marked(kind))
    theirs = slicer_write(slicer_read(ours, kind), tmp_path / "b.json")
    own, slicers = (json.loads(path.read_text())["markups"][0] for path in (ours, theirs))
    assert set(own) <= set(slicers)
    assert set(own["display"]) <= set(slicers["display"])
    assert set(own["controlPoints"][0]) <= set(slicers["controlPoints"][0])
    same = ("type", "coordinateSystem", "coordinateUnits", "labelFormat", "lastUsedControlPointNumber")
    assert {key: own[key] for key in same} == {key: slicers[key] for key in same}


@pytest.mark.parametrize("kind", NODES)
def test_a_file_that_slicer_made_is_read_here(scene, tmp_path, kind):
    node = scene.AddNewNodeByClass(NODES[kind], "drawn")
    points = outline("dura")
    slicer.util.updateMarkupsControlPointsFromArray(node, points)
    markup = read_markup(slicer_write(node, tmp_path / "c.mrk.json"))
    assert markup.kind == kind
    assert np.array_equal(markup.points, points)


@pytest.mark.parametrize("name", OUTLINES)
def test_a_closed_curve_is_the_one_that_slicer_draws(scene, name):
    node = scene.AddNewNodeByClass("vtkMRMLMarkupsClosedCurveNode")
    points = outline(name)
    slicer.util.updateMarkupsControlPointsFromArray(node, points)
    drawn = slicer.util.arrayFromMarkupsCurvePoints(node, world=True)
    curve = closed_curve(points)
    if np.allclose(drawn[0], drawn[-1]):  # Slicer repeats the first point at the end
        drawn = drawn[:-1]
    assert drawn.shape == curve.shape
    assert np.linalg.norm(drawn - curve, axis=1).max() < 0.005


@pytest.mark.usefixtures("scene")
def test_the_real_subjects_files_are_the_same_to_slicer_and_here(sub03):
    for path in sorted((sub03 / "markers").glob("*.json"))[::9]:
        markup = read_markup(path)
        node = slicer_read(path, markup.kind)
        assert np.abs(control_points(node) - markup.points).max() < LAST_BIT_MM
