"""Centrelines as TRK, VTP and SWC, read again by other programs' readers, with what each point knows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from raters_on_disk import put
from straight_spine import straight_spine
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkIOXML import vtkXMLPolyDataReader

from SpineRootLib.anatomy import ROOTS, Root, segment_level
from SpineRootLib.annotation import Annotation
from SpineRootLib.commands import main
from SpineRootLib.place import Place
from SpineRootLib.regions import root_region
from SpineRootLib.tables import read_table

L1_L, L1_R = Root("L1", "L"), Root("L1", "R")
SURE = {8: 0.5, 9: 0.7, 10: -1.0, 11: 1.0}  # by slice of the left root, with its record below


def spine() -> Annotation:
    """The straight spine, of whose left root some points are uncertain or only proposed."""
    found = straight_spine()
    records = {
        8: {"Origin": "placed", "Flags": ["uncertain"]},
        9: {"Flags": ["proposed"], "Confidence": 0.7},
        10: {"Flags": ["proposed"], "LabelMap": "model.nii.gz"},
        11: {"Origin": "accepted", "Confidence": 0.2},
    }
    for number, record in records.items():
        found.provenance.set_at(Place(ROOTS, L1_L, number), record)
    return found


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("lines")
    markers = put(root, spine(), "A", ciss=None)
    line = ["centrelines", str(markers), "--subject", "01", "--out", str(root / "out"), "--radius-of", "L1=0.6"]
    assert main(line) == 0
    return root / "out"


def true(root: Root) -> np.ndarray:
    return straight_spine().root_descending(root)


def test_trk_lies_in_place_for_a_tractography_reader(written: Path) -> None:
    nibabel = pytest.importorskip("nibabel", reason="nibabel is not installed")
    found = nibabel.streamlines.load(written / "sub-01_centrelines.trk")
    assert len(found.streamlines) == 2
    for streamline, root in zip(found.streamlines, (L1_L, L1_R), strict=True):
        np.testing.assert_allclose(streamline, true(root), atol=1e-4)
    points = found.tractogram.data_per_point
    np.testing.assert_allclose(points["radius"][0].ravel(), 0.6, atol=1e-6)
    np.testing.assert_allclose(points["side"][1].ravel(), 1.0)
    level = segment_level("L1")
    np.testing.assert_array_equal(found.tractogram.data_per_streamline["level"].ravel(), [level, level])
    sure = dict(zip(range(4, 21), points["confidence"][0].ravel(), strict=True))
    assert {number: pytest.approx(float(sure[number]), abs=1e-6) for number in SURE} == SURE


def test_vtp_is_read_in_lps_with_its_arrays(written: Path) -> None:
    reader = vtkXMLPolyDataReader()
    reader.SetFileName(str(written / "sub-01_centrelines.vtp"))
    reader.Update()
    data = reader.GetOutput()
    points = vtk_to_numpy(data.GetPoints().GetData()) * [-1.0, -1.0, 1.0]
    np.testing.assert_allclose(points, np.concatenate([true(L1_L), true(L1_R)]), atol=1e-6)
    assert data.GetFieldData().GetAbstractArray("SPACE").GetValue(0) == "LPS"
    names = data.GetCellData().GetAbstractArray("root")
    assert [names.GetValue(row) for row in range(2)] == ["L1_L", "L1_R"]
    sure = vtk_to_numpy(data.GetPointData().GetArray("confidence"))
    assert {number: sure[number - 4] for number in SURE} == SURE
    np.testing.assert_allclose(vtk_to_numpy(data.GetPointData().GetArray("radius")), 0.6)


def test_swc_is_a_tree_for_each_root(written: Path) -> None:
    rows = np.loadtxt(written / "sub-01_centrelines.swc")
    starts = np.flatnonzero(rows[:, 6] == -1)
    assert rows[starts, 1].tolist() == [root_region(L1_L).number, root_region(L1_R).number]
    inner = np.delete(rows, starts, axis=0)
    np.testing.assert_array_equal(inner[:, 6], inner[:, 0] - 1)
    np.testing.assert_allclose(rows[: starts[1], 2:5], true(L1_L), atol=1e-5)
    np.testing.assert_allclose(rows[:, 5], 0.6)


def test_the_table_tells_the_slice_and_leaves_out_what_nothing_tells(written: Path) -> None:
    rows = [row for row in read_table(written / "sub-01_centrelines.tsv") if row["side"] == "L"]
    sure = {int(row["slice"]): row["confidence"] for row in rows}
    assert (sure[8], sure[9], sure[10], sure[12]) == ("0.5", "0.7", "n/a", "1")


def test_a_subject_without_roots_is_refused(tmp_path: Path, capsys) -> None:
    markers = put(tmp_path, straight_spine(roots=False), "A", ciss=None)
    assert main(["centrelines", str(markers), "--subject", "01", "--out", str(tmp_path / "out")]) == 2
    assert "holds no root of sub-01 with two points" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_how_far_it_is_is_told(tmp_path: Path, capsys) -> None:
    markers = put(tmp_path, straight_spine(), "A", ciss=None)
    line = ["centrelines", str(markers), "--subject", "01", "--out", str(tmp_path / "out"), "--json-lines"]
    assert main(line) == 0
    assert '"event": "progress"' in capsys.readouterr().out
