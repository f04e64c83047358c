"""Segmentations as DICOM objects (SEG), as a PACS keeps them: read, and made for the series that was annotated."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib import __version__
from SpineRootLib.atomic import replacing
from SpineRootLib.errors import DicomError, ImageFileError, MissingExtraError
from SpineRootLib.images import Image
from SpineRootLib.label_maps.dicom_codes import category_and_type
from SpineRootLib.translation import _

ENDING = ".dcm"
_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
_SERIES_NUMBER = 1021  # of series that are made from others; free to choose, above a scanner's own
_DESCRIPTION = "SpineRoot: cord, fluid and nerve roots"


def read_dicom_seg(path: Path) -> tuple[Image, dict[int, str]]:
    """The segments of a DICOM SEG by number, where they overlap the last one, and their labels.

    Raises
    ------
    MissingExtraError
        if highdicom is not installed.
    ImageFileError
        if the file is none, or its frames lie on no regular grid.
    """
    highdicom = _highdicom(_("reading DICOM SEG"))
    try:
        seg = highdicom.seg.segread(path)
        volume = seg.get_volume(combine_segments=True, skip_overlap_checks=True)
    except FileNotFoundError:
        raise ImageFileError(_("there is no such image file"), path) from None
    except Exception as error:  # pydicom and highdicom have many
        raise ImageFileError(_("is no DICOM SEG that can be read ({error})").format(error=error), path) from error
    if volume is None:
        raise ImageFileError(_("is no DICOM SEG on a regular grid of slices"), path)
    names = {int(number): seg.get_segment_description(number).segment_label for number in seg.segment_numbers}
    return Image(np.asarray(volume.array), _LPS_TO_RAS @ np.asarray(volume.affine), path), names


def check_series(series: Path) -> None:
    """See, before any work, that a DICOM SEG can be made for the series in a folder.

    Raises
    ------
    MissingExtraError, DicomError
        as `write_dicom_seg` does for what is no series.
    """
    _highdicom(_("writing DICOM SEG"))
    _images_of(series)


def write_dicom_seg(path: Path, series: Path, labels: Image, names: Mapping[int, str], whose: str) -> Path:
    """Write the labels that are there as segments of the images of a series; the path is returned.

    Who was scanned stands in it as in the series, so that a PACS puts it there.

    Parameters
    ----------
    series : the folder of the series, one image a file.
    names : of the labels.
    whose : of whom the annotation is, for the description.

    Raises
    ------
    MissingExtraError
        if highdicom is not installed.
    DicomError
        if the folder does not hold one series of single images, no SEG can be made for them, or nothing of the labels
        lies on it.
    """
    highdicom = _highdicom(_("writing DICOM SEG"))
    images = _images_of(series)
    frames = np.stack([_sampled(each, labels) for each in images])
    there = [number for number in sorted(names) if np.any(frames == number)]
    if not there:
        raise DicomError(_("shows nothing of what is labelled: is it another subject's?"), series)
    numbered = np.zeros(int(max(frames.max(), max(there))) + 1, dtype=np.uint8)
    numbered[there] = np.arange(1, len(there) + 1)
    try:
        seg = highdicom.seg.Segmentation(
            source_images=images,
            pixel_array=numbered[frames],
            segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY,
            segment_descriptions=[
                _described(highdicom, rank, names[number]) for rank, number in enumerate(there, start=1)
            ],
            series_instance_uid=highdicom.UID(),
            series_number=_SERIES_NUMBER,
            sop_instance_uid=highdicom.UID(),
            instance_number=1,
            manufacturer="SpineRoot",
            manufacturer_model_name="SpineRoot",
            software_versions=__version__,
            device_serial_number="0",
            content_description=f"Annotation by {whose}",
            series_description=_DESCRIPTION,
        )
    except Exception as error:  # pydicom and highdicom have many
        fault = _("is no series that a DICOM SEG can be made for ({error})")
        raise DicomError(fault.format(error=error), series) from error
    with replacing(path) as temporary:
        seg.save_as(temporary)
    return path


def _highdicom(purpose: str) -> Any:
    try:
        import highdicom
        import highdicom.seg
    except ImportError:
        raise MissingExtraError("highdicom", "pacs", purpose) from None
    return highdicom


def _images_of(series: Path) -> list[Any]:
    """The images of the only series in a folder, with pixels, from the first to the last along their normal."""
    import pydicom
    from pydicom.errors import InvalidDicomError

    if not series.is_dir():
        raise DicomError(_("is no folder with a DICOM series"), series)
    found = []
    for path in sorted(each for each in series.rglob("*") if each.is_file()):
        try:
            image = pydicom.dcmread(path)
        except InvalidDicomError:
            continue
        except (OSError, EOFError, ValueError) as error:
            raise DicomError(_("is damaged: it cannot be read ({error})").format(error=error), path) from error
        if "PixelData" in image and "ImagePositionPatient" in image:
            found.append(image)
    count = len({str(each.SeriesInstanceUID) for each in found})
    if count != 1:
        fault = _("holds {count} series of single images with a position: give the folder of the annotated one")
        raise DicomError(fault.format(count=count), series)
    axes = np.asarray(found[0].ImageOrientationPatient, dtype=float).reshape(2, 3)
    normal = np.cross(axes[0], axes[1])
    return sorted(found, key=lambda each: float(normal @ np.asarray(each.ImagePositionPatient, dtype=float)))


def _sampled(image: Any, labels: Image) -> NDArray[np.int64]:
    """The label at the middle of each pixel of a DICOM image, (rows, columns)."""
    across, down = np.asarray(image.ImageOrientationPatient, dtype=float).reshape(2, 3)
    between_rows, between_columns = map(float, image.PixelSpacing)
    row, column = np.meshgrid(np.arange(image.Rows), np.arange(image.Columns), indexing="ij")
    lps = (
        np.asarray(image.ImagePositionPatient, dtype=float)
        + column[..., None] * between_columns * across
        + row[..., None] * between_rows * down
    )
    index = np.round(labels.index_of(lps.reshape(-1, 3) * [-1.0, -1.0, 1.0])).astype(int)
    inside = np.all((index >= 0) & (index < labels.voxels.shape), axis=1)
    found = np.zeros(len(index), dtype=np.int64)
    found[inside] = labels.voxels[tuple(index[inside].T)]
    return found.reshape(row.shape)


def _described(highdicom: Any, number: int, name: str) -> Any:
    """A segment with the codes of its kind."""
    from pydicom.sr.coding import Code

    category, kind = (Code(each.value, "SCT", each.meaning) for each in category_and_type(name))
    return highdicom.seg.SegmentDescription(
        segment_number=number,
        segment_label=name,
        segmented_property_category=category,
        segmented_property_type=kind,
        algorithm_type=highdicom.seg.SegmentAlgorithmTypeValues.MANUAL,
    )
