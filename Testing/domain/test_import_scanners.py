"""DICOM as scanners and archives really write it: every series that holds an image comes in, and nothing stops it."""

from __future__ import annotations

import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pydicom")
pytest.importorskip("dcm2bids")

import pydicom
from dicom_series import CISS, DESS, SAGITTAL, study
from pydicom.encaps import encapsulate
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    EnhancedMRColorImageStorage,
    SecondaryCaptureImageStorage,
)

from SpineRootLib.commands import main
from SpineRootLib.dataset import Dataset
from SpineRootLib.dicom_import import ImportSettings, converters, import_subject, preview_import
from SpineRootLib.errors import DicomError
from SpineRootLib.images import read_image

MPEG2 = "1.2.840.10008.1.2.4.100"  # a film, which the converter does not read


def change(folder: Path, edit) -> Path:
    """Edit every DICOM file of a folder; `edit` gets its data set and its number from 0."""
    for number, path in enumerate(sorted(folder.rglob("*.dcm"))):
        data = pydicom.dcmread(path)
        edit(data, number)
        data.save_as(path)
    return folder


def number_zero(data, _number):
    data.SeriesNumber = 0


def no_number(data, _number):
    del data.SeriesNumber


def a_uid_for_each_slice(data, number):
    data.SeriesInstanceUID = f"1.2.3.{100 + number}"


def a_uid_for_each_slice_and_number_zero(data, number):
    number_zero(data, number)
    a_uid_for_each_slice(data, number)


def as_siemens_xa_writes_it(data, _number):
    data.SoftwareVersions = "syngo MR XA30"
    data.ImageType = ["ORIGINAL", "PRIMARY", "M", "NONE"]
    data.SeriesInstanceUID = "1.3.12.2.1107.5.2.43.12345.30000021010108150000000000012"


def deflated(data, _number):
    data.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian


def without_preamble(folder: Path) -> Path:
    """The data sets alone, as a memory dump or an old archive has them."""
    for path in folder.rglob("*.dcm"):
        whole = path.read_bytes()
        meta = pydicom.dcmread(path).file_meta
        path.write_bytes(whole[132 + 12 + meta.FileMetaInformationGroupLength :])
    return folder


@pytest.mark.parametrize(
    "spoil",
    [
        number_zero,
        no_number,
        a_uid_for_each_slice,
        a_uid_for_each_slice_and_number_zero,
        as_siemens_xa_writes_it,
        deflated,
        without_preamble,
    ],
)
def test_a_series_comes_in_whole_however_the_scanner_names_it(only_ciss, tmp_path, spoil):
    folder = spoil(only_ciss) if spoil is without_preamble else change(only_ciss, spoil)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    import_subject(folder, tmp_path / "dataset", "03")
    image = read_image(Dataset.open(tmp_path / "dataset").image("03", "CISS"))
    corner = (CISS.affine_ras() @ [0, CISS.shape[1] - 1, CISS.shape[2] - 1, 1])[:3]
    place = np.round(image.index_of(corner)[0]).astype(int)
    assert image.ras_of(place)[0] == pytest.approx(corner, abs=1e-4)
    assert image.voxels[tuple(place)] == CISS.voxels()[0, -1, -1]
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_single_images_that_are_no_stack_stay_series_of_their_own(tmp_path):
    # the same slice, scanned three times under one number
    once = replace(CISS, shape=(*CISS.shape[:2], 1))
    for place in range(3):
        study(tmp_path / str(place), once.with_tags(SeriesInstanceUID=f"1.2.3.{place}"))
    assert [one.key for one in preview_import(tmp_path).series] == ["5a", "5b", "5c"]


def beside(folder: Path, kind: str, **tags) -> None:
    """Put an object that is no MR image into a folder, under the study's person."""
    extra = study(folder / "beside", replace(DESS, number=99, shape=(*DESS.shape[:2], 1)).with_tags(**tags))

    def turn(data, _number):
        if data.SeriesNumber == 99:
            data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = kind
            if data.get("SamplesPerPixel") == 3:
                data.BitsAllocated, data.BitsStored, data.HighBit = 8, 8, 7
                data.PlanarConfiguration, data.PixelData = 0, bytes(3 * data.Rows * data.Columns)

    change(extra, turn)


COLOURED = {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB"}


@pytest.mark.parametrize(
    ("kind", "tags"),
    [
        (SecondaryCaptureImageStorage, {}),
        (SecondaryCaptureImageStorage, COLOURED),
        (CTImageStorage, {"Modality": "CT"}),
        (EnhancedMRColorImageStorage, COLOURED),
        (pydicom.uid.MRImageStorage, COLOURED),
    ],
)
def test_an_object_that_is_no_mr_image_does_not_stop_the_rest(only_ciss, tmp_path, kind, tags):
    beside(only_ciss, kind, **tags)
    report = import_subject(only_ciss, tmp_path / "dataset", "03")
    assert [(one.key, one.image) for one in report.plan.series] == [("5", "CISS")]


def test_a_folder_without_an_mr_image_says_what_is_in_it(tmp_path):
    beside(tmp_path, SecondaryCaptureImageStorage)
    with pytest.raises(DicomError, match="no DICOM file with an MR image .*only Secondary Capture Image Storage"):
        preview_import(tmp_path)


def test_a_series_that_cannot_be_converted_does_not_stop_the_rest_and_says_why(tmp_path):
    folder = study(tmp_path / "dicom", CISS)

    def film(data, _number):
        data.file_meta.TransferSyntaxUID = MPEG2
        data.PixelData = encapsulate([bytes(100)])

    change(study(tmp_path / "dicom" / "films", DESS), film)
    report = import_subject(folder, tmp_path / "dataset", "03")
    assert [(one.key, one.image) for one in report.plan.series] == [("5", "CISS"), ("6", "")]
    assert "dcm2niix" in report.plan.series[1].remark


@pytest.mark.parametrize("step", ["run_dcm2niix", "run_dcm2bids", "clean_header"])
def test_what_goes_wrong_on_the_way_is_said_of_the_dicom_folder(only_ciss, tmp_path, monkeypatch, capsys, step):
    from SpineRootLib.dicom_import import conversion, importing
    from SpineRootLib.errors import ImageFileError

    def fail(place, *_arguments, **_options):
        raise ImageFileError("is not what the converter should have made", place)

    monkeypatch.setattr(conversion if step == "run_dcm2niix" else importing, step, fail)
    assert main(["import", str(only_ciss), str(tmp_path / "dataset"), "--subject", "03"]) == 2
    said = capsys.readouterr().err
    assert str(only_ciss) in said and ".import-" not in said
    assert not (tmp_path / "dataset").exists()


def test_a_converter_that_cannot_be_run_ends_the_import(only_ciss, tmp_path, monkeypatch):
    monkeypatch.setattr(converters, "dcm2niix_program", lambda: str(tmp_path / "gone"))
    with pytest.raises(DicomError, match="gone: cannot be run"):
        preview_import(only_ciss)


@pytest.mark.parametrize("linking", ["nothing", "links within the disk"])
def test_where_there_can_be_no_links_the_files_are_copied(only_ciss, tmp_path, monkeypatch, linking):
    def refused(*_arguments):
        raise OSError("not permitted")

    monkeypatch.setattr("os.symlink", refused)
    if linking == "nothing":
        monkeypatch.setattr("os.link", refused)
    assert [one.image for one in import_subject(only_ciss, tmp_path / "dataset", "03").plan.series] == ["CISS"]


def twice(folder: Path) -> Path:
    """A second volume in the same series, as of a later time."""
    second = study(folder / "second", CISS)

    def later(data, number):
        data.InstanceNumber, data.AcquisitionNumber = 100 + number, 2
        data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.4.{number}"
        data.AcquisitionTime = data.ContentTime = "113000.000"

    change(second, later)
    return folder


@pytest.mark.parametrize("choices", [{}, {"CISS": "5"}])
def test_a_series_of_two_volumes_is_no_image_to_annotate(only_ciss, tmp_path, choices):
    folder, settings = twice(only_ciss), ImportSettings(choices=choices)
    assert any("series 5 holds 2 volumes" in fault for fault in preview_import(folder, settings).faults)
    with pytest.raises(DicomError, match="holds 2 volumes, and CISS is one"):
        import_subject(folder, tmp_path / "dataset", "03", settings)
    assert not (tmp_path / "dataset").exists()


def test_what_speaks_against_a_choice_is_said(tmp_path):
    # sagittal where the rules want axial, and a gradient echo that no rule knows
    sagittal = replace(CISS, number=8, axes=SAGITTAL)
    unknown = replace(CISS, number=9, description="ax 3D").with_tags(SequenceName="*fl3d1", ProtocolName="ax 3D")
    folder = study(tmp_path, CISS, sagittal, unknown)

    def remarks(key):
        plan = preview_import(folder, ImportSettings(choices={"CISS": key}))
        return {one.key: one.remark for one in plan.chosen}

    assert remarks("5") == {"5": ""}
    assert remarks("8") == {"8": "by choice alone: it is sagittal, and CISS is axial by the rules"}
    assert remarks("9") == {"9": "by choice alone: the rules do not know it as CISS"}


def unpacked(shared: Path, name: str, folder: Path) -> Path:
    with tarfile.open(shared / "data" / "dicom" / f"{name}.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


REAL = {
    "hitachi": "imported",
    "mr_plus_secondary_capture": "imported",
    "nine_transfer_syntaxes": "imported",
    "philips_classic": "holds 3 volumes",
    "philips_enhanced": "imported",
    "siemens_sagittal_2d": "imported",
    "siemens_xa30_classic_5001": "imported",
    "siemens_xa30_enhanced_color_14": "only Enhanced MR Color Image Storage",
}


@pytest.mark.parametrize(("name", "outcome"), REAL.items())
def test_a_real_scanners_series_comes_in_or_says_why_not(shared, tmp_path, name, outcome):
    folder = unpacked(shared, name, tmp_path / "dicom")
    try:
        key = preview_import(folder).series[0].key
        report = import_subject(folder, tmp_path / "dataset", "03", ImportSettings(choices={"CISS": key}))
    except DicomError as error:
        assert outcome in str(error) and str(folder) in str(error)
        assert not (tmp_path / "dataset").exists()
    else:
        assert outcome == "imported"
        image = read_image(Dataset.open(tmp_path / "dataset").image("03", "CISS"))
        assert min(image.voxels.shape[:2]) > 1 and image.voxels.max() > 0
        assert report.plan.chosen[0].remark.startswith("by choice alone")
