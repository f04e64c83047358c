"""Label maps as DICOM SEG: made for a series and read again, and one sentence where highdicom is missing."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pytest
from dicom_series import CISS, study
from raters_on_disk import put
from straight_spine import straight_spine
from test_labels import ciss

from SpineRootLib.anatomy import Root
from SpineRootLib.commands import main
from SpineRootLib.errors import DicomError, ImageFileError, MissingExtraError
from SpineRootLib.images import Image, write_image
from SpineRootLib.label_maps import dicom_seg
from SpineRootLib.label_maps.dicom_seg import read_dicom_seg, write_dicom_seg
from SpineRootLib.label_maps.label_map_file import read_label_map
from SpineRootLib.learning.map_files import LabelMapFiles
from SpineRootLib.learning.maps import MapSettings
from SpineRootLib.regions import root_region

NAMES = {1: "cord", 2: "csf", 3: "nerveroots_L1_L", 4: "nerveroots_L1_R"}
needs_highdicom = pytest.mark.skipif(
    importlib.util.find_spec("highdicom") is None, reason="highdicom is not installed (pip install 'spineroot[pacs]')"
)


def labels_on_series() -> Image:
    """Boxes of the labels 1, 2 and 4 on the voxels of the series, each off the middle."""
    voxels = np.zeros(CISS.shape, dtype=np.uint8)
    columns, rows, _slices = CISS.shape
    voxels[1 : columns // 2, 1 : rows // 3, 1:] = 1
    voxels[columns // 2 :, : rows // 2, :2] = 2
    voxels[: columns // 3, rows // 2 :, :1] = 4
    return Image(voxels, CISS.affine_ras())


def _sorted(points: np.ndarray) -> np.ndarray:
    rounded = np.round(points, 3)
    return rounded[np.lexsort(rounded.T)]


@needs_highdicom
def test_what_is_written_for_a_series_is_read_in_place(tmp_path: Path) -> None:
    labels = labels_on_series()
    path = write_dicom_seg(tmp_path / "seg.dcm", study(tmp_path / "dicom", CISS), labels, NAMES, "A")
    found, names = read_dicom_seg(path)
    assert names == {1: "cord", 2: "csf", 3: "nerveroots_L1_R"}
    for number, name in names.items():
        there = next(label for label, known in NAMES.items() if known == name)
        places = [
            image.ras_of(np.argwhere(image.voxels == value)) for image, value in ((found, number), (labels, there))
        ]
        assert len(places[0]) == len(places[1]) > 0
        np.testing.assert_allclose(_sorted(places[0]), _sorted(places[1]), atol=1e-3)
    assert read_label_map(path).table.meanings[3].root == straight_spine().expected_roots()[1]


@needs_highdicom
def test_it_belongs_to_the_person_of_its_series(tmp_path: Path) -> None:
    import pydicom

    path = write_dicom_seg(tmp_path / "seg.dcm", study(tmp_path / "dicom", CISS), labels_on_series(), NAMES, "A")
    seg, source = pydicom.dcmread(path), pydicom.dcmread(next((tmp_path / "dicom").rglob("*.*")))
    for key in ("PatientID", "StudyInstanceUID", "FrameOfReferenceUID"):
        assert seg[key].value == source[key].value
    assert seg.SeriesInstanceUID != source.SeriesInstanceUID


@needs_highdicom
def test_labels_writes_it_beside_its_label_map(tmp_path: Path) -> None:
    own = labels_on_series()
    own.voxels[own.voxels == 4] = root_region(Root("L1", "R"), beyond=True).number
    made = LabelMapFiles(tmp_path / "out", own, straight_spine(), own.voxels, MapSettings())
    [path] = made.dicom_seg(study(tmp_path / "dicom", CISS))
    assert path.name == "sub-01_space-CISS_seg.dcm"
    assert read_dicom_seg(path)[1] == {1: "cord", 2: "csf", 3: "nerveroots_L1_R"}


@needs_highdicom
def test_labels_beside_the_series_and_what_is_no_seg_are_refused(tmp_path: Path) -> None:
    series = study(tmp_path / "dicom", CISS)
    with pytest.raises(DicomError, match="shows nothing of what is labelled"):
        write_dicom_seg(tmp_path / "seg.dcm", series, ciss(voxel=2.0), NAMES, "A")
    with pytest.raises(DicomError, match="holds 0 series"):
        (tmp_path / "empty").mkdir()
        write_dicom_seg(tmp_path / "seg.dcm", tmp_path / "empty", labels_on_series(), NAMES, "A")
    assert not (tmp_path / "seg.dcm").exists()
    with pytest.raises(ImageFileError, match="is no DICOM SEG that can be read"):
        read_dicom_seg(next(series.rglob("*.*")))


def test_without_highdicom_one_sentence_says_what_to_install(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setitem(sys.modules, "highdicom", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'spineroot\[pacs\]'"):
        write_dicom_seg(tmp_path / "seg.dcm", tmp_path, labels_on_series(), NAMES, "A")
    line = ["from-labels", str(tmp_path / "sub-01_seg.dcm"), "--subject", "01", "--ciss", "none.nii.gz"]
    assert main([*line, "--out", str(tmp_path / "markers-A")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_labels_says_before_it_writes_anything_that_highdicom_is_missing(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setitem(sys.modules, "highdicom", None)
    image = write_image(tmp_path / "sub-01_CISS.nii.gz", ciss(voxel=1.0))
    line = ["labels", str(put(tmp_path, straight_spine(), "A", ciss=None)), "--subject", "01", "--ciss", str(image)]
    assert main([*line, "--out", str(tmp_path / "out"), "--dicom-seg", str(tmp_path / "series")]) == 2
    assert "pip install 'spineroot[pacs]'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_series_that_highdicom_does_not_take_is_named(tmp_path: Path, monkeypatch) -> None:
    pytest.importorskip("pydicom", reason="pydicom is not installed")
    series = study(tmp_path / "dicom", CISS)
    refusing = MagicMock()
    refusing.seg.Segmentation.side_effect = ValueError("no StudyTime")
    monkeypatch.setattr(dicom_seg, "_highdicom", lambda _purpose: refusing)
    with pytest.raises(DicomError, match="no StudyTime") as raised:
        write_dicom_seg(tmp_path / "seg.dcm", series, labels_on_series(), NAMES, "A")
    assert raised.value.source == series
    assert not (tmp_path / "seg.dcm").exists()
