"""The surfaces of a subject."""

from __future__ import annotations

import json

import numpy as np
import pytest
from straight_spine import DURA_RADIUS, straight_spine

from SpineRootLib.anatomy import Root
from SpineRootLib.commands import main
from SpineRootLib.surfaces import build_model


@pytest.mark.parametrize("degrees", [0.0, 15.0])
def test_the_dura_of_a_cylinder_holds_the_volume_of_the_cylinder(degrees):
    """38 mm of a circle of radius 8, and two bulging caps of 0.12 mm that add less than 0.12 mm each."""
    volume = build_model(straight_spine(degrees=degrees)).parts["dura"].volume()
    circle = np.pi * DURA_RADIUS**2
    assert 0.998 * 38.0 * circle < volume < 1.001 * 38.24 * circle


def test_every_part_is_closed_and_in_one_piece():
    model = build_model(straight_spine())
    assert list(model.parts) == ["dura", "cord", "nerveroots_L1_L", "nerveroots_L1_R", "csf"]
    for surface in model.parts.values():
        assert surface.is_watertight()
        assert surface.components() == 1
        assert surface.volume() > 0


def test_the_root_reaches_its_ganglion():
    annotation = straight_spine()
    model = build_model(annotation)
    for side in "LR":
        root = Root("L1", side)
        assert np.linalg.norm(model.centrelines[root][-1] - annotation.ganglia[root]) < 1e-9


def test_the_command_writes_every_surface_and_the_report(sub03, tmp_path, capsys):
    assert main(["model", str(sub03 / "markers"), "--subject", "03", "--out", str(tmp_path), "--json"]) == 0
    written = json.loads(capsys.readouterr().out)["files"]
    assert len(written) == 18
    report = json.loads((tmp_path / "sub-03_model.json").read_text())
    assert report["surfaces"]["dura"]["watertight"]
    assert report["surfaces"]["csf"]["files"] == ["sub-03_csf.vtp"]


def test_an_unknown_format_is_refused_in_one_sentence(sub03, tmp_path, capsys):
    arguments = ["model", str(sub03 / "markers"), "--subject", "03", "--out", str(tmp_path), "--format", "dxf"]
    assert main(arguments) == 2
    assert "'dxf' is no surface format" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
