"""DICOM series as a Siemens scanner exports them, small and with known geometry, of a person who does not exist."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import EnhancedMRImageStorage, ExplicitVRLittleEndian, MRImageStorage

# What must not be found in anything that is written; every text is long enough not to turn up by chance.
IDENTITY = {
    "PatientName": "Quibble^Zanzibar",
    "PatientID": "HOSP-7731904",
    "PatientBirthDate": "19610523",
    "OtherPatientNames": "Quagmire^Zoe",
    "PatientAddress": "17 Nowhere Lane",
    "ReferringPhysicianName": "Umbrage^Doctor",
    "PerformingPhysicianName": "Vexation^Doctor",
    "OperatorsName": "Wobble^Operator",
    "InstitutionName": "Hospital Erewhon",
    "InstitutionAddress": "Erewhon Street 5",
    "StationName": "MRC40404",
    "DeviceSerialNumber": "66606",
    "AccessionNumber": "ACC5550123",
    "StudyID": "STUDY8812",
    "ImageComments": "Quibble came late",
    "StudyDescription": "Spine Quibble",
    "RequestedProcedureDescription": "Spine of Zanzibar",
}
_STUDY = "1.2.826.0.1.3680043.8.498.100"


@dataclass(frozen=True)
class Scan:
    """One series.

    Parameters
    ----------
    shape : columns, rows, slices.
    spacing : mm between columns, rows and slices.
    axes : (3, 3), rows the LPS directions along a row, down a column, and from slice to slice.
    origin : LPS mm of the first voxel's centre.
    tags : DICOM attributes by keyword.
    """

    number: int
    description: str
    shape: tuple[int, int, int]
    spacing: tuple[float, float, float]
    axes: np.ndarray
    origin: tuple[float, float, float]
    tags: dict[str, Any] = field(default_factory=dict)

    def affine_ras(self) -> np.ndarray:
        """(4, 4) from (column, row, slice) to RAS mm."""
        affine = np.eye(4)
        affine[:3, :3] = self.axes.T * self.spacing
        affine[:3, 3] = self.origin
        return np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine

    def voxels(self) -> np.ndarray:
        """Intensities, (columns, rows, slices), each another one."""
        return np.arange(np.prod(self.shape), dtype=np.uint16).reshape(self.shape) % 4000

    def with_tags(self, **tags: Any) -> Scan:
        """The same with other attributes."""
        return replace(self, tags={**self.tags, **tags})


def turned(axes: np.ndarray, degrees: float) -> np.ndarray:
    """Axes turned about the left-right axis."""
    angle = np.radians(degrees)
    c, s = np.cos(angle), np.sin(angle)
    return axes @ np.array([[1.0, 0, 0], [0, c, s], [0, -s, c]])


AXIAL = np.eye(3)
SAGITTAL = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])
CORONAL = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
_GRADIENT = {"ScanningSequence": "GR", "SequenceVariant": "SS", "MRAcquisitionType": "3D"}

CISS = Scan(
    5,
    "t2_ci3d_tra_lumbar",
    (24, 20, 6),
    (0.3, 0.3, 2.0),
    turned(AXIAL, 3.0),
    (-40.25, 31.5, -510.125),
    {**_GRADIENT, "SequenceName": "*ci3d1", "EchoTime": 3.1, "RepetitionTime": 6.5, "FlipAngle": 50.0},
)
DESS = Scan(
    6,
    "t2_de3d_we_cor_iso",
    (16, 18, 8),
    (1.27, 1.27, 1.27),
    turned(CORONAL, -2.0),
    (-90.0, -40.0, -380.0),
    {**_GRADIENT, "SequenceName": "*de3d1", "EchoTime": 5.0, "RepetitionTime": 14.1, "FlipAngle": 25.0},
)
T2TSE = Scan(
    12,
    "t2_tse_sag_COMPOSED",
    (12, 30, 5),
    (0.625, 0.625, 3.3),
    SAGITTAL,
    (-8.0, -60.0, -100.0),
    {
        "ScanningSequence": "SE",
        "SequenceVariant": ["SK", "SP", "OSP"],
        "MRAcquisitionType": "2D",
        "SequenceName": "*tse2d1_17",
        "EchoTime": 101.0,
        "RepetitionTime": 3500.0,
        "FlipAngle": 150.0,
        "ImageType": ["DERIVED", "PRIMARY", "M", "ND", "NORM", "COMPOSED"],
    },
)
LOCALIZER = Scan(
    1,
    "localizer",
    (16, 16, 3),
    (2.0, 2.0, 8.0),
    SAGITTAL,
    (-8.0, -60.0, -100.0),
    {
        "ScanningSequence": "GR",
        "SequenceVariant": "SP",
        "MRAcquisitionType": "2D",
        "SequenceName": "*fl2d1",
        "EchoTime": 3.5,
        "RepetitionTime": 8.0,
        "FlipAngle": 20.0,
    },
)


def station(number: int, place: int) -> Scan:
    """One of the stations of the sagittal T2-TSE, from the head down."""
    tags = {**T2TSE.tags, "ImageType": ["ORIGINAL", "PRIMARY", "M", "ND", "NORM"]}
    x, y, z = T2TSE.origin
    return replace(T2TSE, number=number, description="t2_tse_sag", origin=(x, y, z - 15.0 * place), tags=tags)


def write_series(folder: Path, scan: Scan, identity: dict[str, str] = IDENTITY) -> list[Path]:
    """Write one file a slice, named as the scanner does, in a folder of the series."""
    folder = folder / f"series_{scan.number:03}"
    folder.mkdir(parents=True, exist_ok=True)
    voxels = scan.voxels()
    return [_write_slice(folder / f"IM{k + 1:04}.dcm", scan, k, voxels, identity) for k in range(scan.shape[2])]


def write_in_one_file(folder: Path, scan: Scan) -> Path:
    """Write a series as one enhanced file, as newer scanners do, with the geometry in its functional groups."""
    folder.mkdir(parents=True, exist_ok=True)
    grouped = {"ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness", "SliceLocation"}
    common = {keyword: value for keyword, value in _common(scan, 0).items() if keyword not in grouped}
    data = _file(folder / "enhanced", scan, 0, EnhancedMRImageStorage, {**common, **IDENTITY, **scan.tags})
    shared, data.NumberOfFrames, frames = Dataset(), scan.shape[2], []
    first = _common(scan, 0)
    shared.PlaneOrientationSequence = [_item(ImageOrientationPatient=first["ImageOrientationPatient"])]
    shared.PixelMeasuresSequence = [_item(PixelSpacing=first["PixelSpacing"], SliceThickness=first["SliceThickness"])]
    for k in range(scan.shape[2]):
        frame = Dataset()
        frame.PlanePositionSequence = [_item(ImagePositionPatient=_common(scan, k)["ImagePositionPatient"])]
        frame.FrameContentSequence = [_item(StackID="1", InStackPositionNumber=k + 1, DimensionIndexValues=[1, k + 1])]
        frames.append(frame)
    data.SharedFunctionalGroupsSequence, data.PerFrameFunctionalGroupsSequence = [shared], frames
    data.PixelData = np.ascontiguousarray(scan.voxels().transpose(2, 1, 0)).astype("<u2").tobytes()
    data.save_as(folder / "enhanced", enforce_file_format=True)
    return folder / "enhanced"


def _item(**attributes: Any) -> Dataset:
    item = Dataset()
    for keyword, value in attributes.items():
        setattr(item, keyword, value)
    return item


def _file(path: Path, scan: Scan, k: int, kind: str, attributes: dict[str, Any]) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = kind
    meta.MediaStorageSOPInstanceUID = f"{_STUDY}.{scan.number}.{k + 1}"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset(str(path), {}, file_meta=meta, preamble=bytes(128))
    for keyword, value in {**attributes, "SOPClassUID": kind}.items():
        setattr(data, keyword, value)
    data.Rows, data.Columns = scan.shape[1], scan.shape[0]
    return data


def _write_slice(path: Path, scan: Scan, k: int, voxels: np.ndarray, identity: dict[str, str]) -> Path:
    data = _file(path, scan, k, MRImageStorage, {**_common(scan, k), **identity, **scan.tags})
    data.PixelData = np.ascontiguousarray(voxels[:, :, k].T).astype("<u2").tobytes()
    data.save_as(path, enforce_file_format=True)
    return path


def _common(scan: Scan, k: int) -> dict[str, Any]:
    place = np.asarray(scan.origin) + k * scan.spacing[2] * scan.axes[2]
    return {
        "SOPInstanceUID": f"{_STUDY}.{scan.number}.{k + 1}",
        "StudyInstanceUID": _STUDY,
        "SeriesInstanceUID": f"{_STUDY}.{scan.number}",
        "FrameOfReferenceUID": f"{_STUDY}.77",
        "Modality": "MR",
        "Manufacturer": "SIEMENS",
        "ManufacturerModelName": "Prisma",
        "MagneticFieldStrength": 3.0,
        "SoftwareVersions": "syngo MR E11",
        "PatientSex": "O",
        "PatientAge": "063Y",
        "PatientWeight": 70.0,
        "PatientPosition": "HFS",
        "StudyDate": "20190412",
        "SeriesDate": "20190412",
        "AcquisitionDate": "20190412",
        "ContentDate": "20190412",
        "StudyTime": "101500.000",
        "SeriesTime": "102000.000",
        "AcquisitionTime": "102233.125",
        "ContentTime": "102300.000",
        "SeriesNumber": scan.number,
        "AcquisitionNumber": 1,
        "InstanceNumber": k + 1,
        "SeriesDescription": scan.description,
        "ProtocolName": scan.description,
        "ImageType": ["ORIGINAL", "PRIMARY", "M", "ND", "NORM"],
        "SliceThickness": scan.spacing[2],
        "SpacingBetweenSlices": scan.spacing[2],
        "PixelSpacing": [scan.spacing[1], scan.spacing[0]],
        "ImageOrientationPatient": [float(value) for value in scan.axes[:2].ravel()],
        "ImagePositionPatient": [float(value) for value in place],
        "SliceLocation": float(place @ scan.axes[2]),
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": 0,
    }


def study(folder: Path, *scans) -> Path:
    """A folder of DICOM series."""
    for scan in scans:
        write_series(folder, scan)
    return folder
