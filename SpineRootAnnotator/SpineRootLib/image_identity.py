"""Whether an image is the one that was annotated: by its voxels and by where it lies."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from SpineRootLib.anatomy import CONTOUR_STRUCTURES
from SpineRootLib.annotation import Annotation
from SpineRootLib.errors import ImageFileError, SpineRootError
from SpineRootLib.frames import Points
from SpineRootLib.image_content import Told, content
from SpineRootLib.images import Image, canonical_grid, position_notes, read_frame, sha256, voxel_sha256
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.translation import _


@dataclass(frozen=True)
class IdentityLimits:
    """How far what was annotated and an image may lie apart, in mm.

    Parameters
    ----------
    corner_mm : corners of two records of one image; affines are written with six digits or more, headers as float32.
    plane_mm : the median contour from the nearest slice; files are rounded to 1e-4 mm, a person's contours lie on their
        slices (sub-03 of the published dataset: at most 0.0003 mm).
    beyond_mm : a contour beyond the image's border, by eye: outlines are not drawn outside of the picture.
    alike : correlation, without unit, of the voxels of one image that two programs scaled and rounded differently; a
        second scan of the same sequence has less by its noise alone. By eye.
    every : so many voxels along each axis of which one is compared: some ms for a whole CISS.
    """

    corner_mm: float = 0.1
    plane_mm: float = 0.2
    beyond_mm: float = 1.0
    alike: float = 0.9999
    every: int = 4


def difference(
    recorded: Mapping[str, Any],
    other: Mapping[str, Any],
    limits: IdentityLimits | None = None,
    called: str = "the annotated one",
) -> str:
    """How an image differs from a recorded one, as the end of the sentence "the image ..."; empty where it does not.

    Two files are one image where they hold the same voxels in the same place, however they are compressed and in
    whatever order they store the axes. Records that do not say what the voxels are leave that open: see `is_certain`.

    Parameters
    ----------
    recorded, other : what `images.describe_image` says; `has_grid` is required of both.
    called : the recorded image in the sentence.
    """
    if recorded.get("SHA256") == other.get("SHA256") is not None:
        return ""
    limits = limits or IdentityLimits()
    (shape, affine), (other_shape, other_affine) = (
        canonical_grid(each["Shape"], np.asarray(each["Affine"], dtype=np.float64)) for each in (recorded, other)
    )
    if shape != other_shape:
        return f"has {_size(other_shape)} voxels, {called} {_size(shape)}"
    away = np.linalg.norm(_corners(shape, other_affine) - _corners(shape, affine), axis=1).max()
    if away > limits.corner_mm:
        return f"lies up to {away:.3g} mm from where {called} lies"
    voxels = [each.get("VoxelSHA256") for each in (recorded, other)]
    if None not in voxels and voxels[0] != voxels[1]:
        return f"has other voxels than {called}, of the same number in the same place"
    return ""


def is_same_picture(image: Image, other: Image, limits: IdentityLimits | None = None) -> bool:
    """Whether two images on one grid, however their axes are ordered, hold the same voxels but for offset and gain."""
    limits = limits or IdentityLimits()
    index = np.stack(np.meshgrid(*(np.arange(0, size, limits.every) for size in image.voxels.shape), indexing="ij"))
    index = index.reshape(3, -1).T
    there = np.rint(other.index_of(image.ras_of(index))).astype(int)
    if (there < 0).any() or (there >= other.voxels.shape).any():
        return False
    one, two = (np.asarray(each.voxels[tuple(at.T)], dtype=float) for each, at in ((image, index), (other, there)))
    if not (one.std() and two.std()):
        return np.array_equal(one, two)
    return bool(np.corrcoef(one, two)[0, 1] >= limits.alike)


def has_grid(record: Mapping[str, Any]) -> bool:
    """Whether a record tells an image's size and position."""
    try:
        SlicePlanes.from_json(dict(record))
    except (SpineRootError, KeyError, TypeError, ValueError, IndexError, OverflowError):
        return False
    return True


def is_certain(recorded: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two records say enough to know that the voxels are the same."""
    digests = ("SHA256", "VoxelSHA256")
    return any(recorded.get(key) is not None and recorded.get(key) == other.get(key) for key in digests)


@dataclass(frozen=True)
class ImageCheck:
    """What is to be said of an image that is no other one for certain.

    Parameters
    ----------
    notes : sentences on what could not be told, and on a position that other programs would read differently.
    doubt : why it seems to be another one by what it shows, a sentence; empty where it does not.
    """

    notes: list[str]
    doubt: str = ""


def check_image(annotation: Annotation, path: Path, limits: IdentityLimits | None = None) -> ImageCheck:
    """See that an image is the one on which an annotation was made, as far as can be told.

    By what is recorded of it; where that does not say which voxels it had, also by what the image shows.

    Raises
    ------
    ImageFileError
        if it is another one: other voxels, another grid, or slices on which none of the contours was drawn.
    """
    limits = limits or IdentityLimits()
    frame = read_frame(path)
    recorded = annotation.provenance.document.get("Images", {}).get("CISS")
    recorded = recorded if isinstance(recorded, dict) else {}
    other = _description(frame, path, recorded) if recorded else {}
    how = difference(recorded, other, limits) if has_grid(recorded) else ""
    notes = position_notes(path)
    misfit = f"it {how}" if how else _misfit(annotation, frame, limits)
    if misfit:
        # whoever annotated may have used a program that reads the image's position otherwise
        why = "; ".join([misfit, *notes])
        raise ImageFileError(_("is not the image that was annotated: {misfit}").format(misfit=why), path)
    if is_certain(recorded, other) or not (annotation.roots or any(annotation.contours.values())):
        return ImageCheck(notes)
    told, why = content(annotation, path)
    if told is Told.DOUBT:
        doubt = _("{image} does not seem to be the image that was annotated: {why}")
        return ImageCheck(notes, doubt.format(image=path.name, why=why))
    fits = told is Told.FITS
    seen = _("what is marked lies on what it shows") if fits else _("only its slices could be compared")
    return ImageCheck([*notes, _unrecorded(recorded).format(image=path.name, seen=seen)])


def _unrecorded(recorded: Mapping[str, Any]) -> str:
    """What is said of an image of which a record does not tell for certain that it is the annotated one."""
    if recorded.get("SHA256") is None:
        return _("which image was annotated is not recorded: {image} is taken for it; {seen}")
    if has_grid(recorded):
        return _(
            "{image} is another file than the one that was annotated (SHA-256), of the same size and position: it is"
            " taken for the same image, compressed again; {seen}"
        )
    return _(
        "{image} is another file than the one that was annotated (SHA-256), whose size and position are not recorded:"
        " it is taken for the same image, compressed again; {seen}"
    )


def _description(frame: Image, path: Path, recorded: Mapping[str, Any]) -> dict[str, Any]:
    """What there is to compare with a record; the voxels are read only where the files differ."""
    stat = path.stat()
    version = stat.st_ino, stat.st_mtime_ns, stat.st_size
    found: dict[str, Any] = {"Shape": list(frame.voxels.shape), "Affine": frame.affine.tolist()}
    found["SHA256"] = _sha256(path, version)
    if "VoxelSHA256" in recorded and recorded.get("SHA256") != found["SHA256"]:
        found["VoxelSHA256"] = _voxel_sha256(path, version)
    return found


# one image is compared with what each of several annotators recorded, in every step of a run: half a second for 70 MB
@functools.lru_cache(maxsize=8)
def _sha256(path: Path, _version: tuple[int, ...]) -> str:
    return sha256(path)


@functools.lru_cache(maxsize=8)
def _voxel_sha256(path: Path, _version: tuple[int, ...]) -> str:
    return voxel_sha256(path)


def _misfit(annotation: Annotation, frame: Image, limits: IdentityLimits) -> str:
    """How the contours lie beside an image's slices or beyond its border; empty where they fit."""
    curves = [contour.points for structure in CONTOUR_STRUCTURES for contour in annotation.contours[structure]]
    if not curves:
        return ""
    planes = frame.planes()
    off = float(np.median([np.abs(planes.off_plane(curve)).max() for curve in curves]))
    if off > limits.plane_mm:
        return f"the contours lie {off:.2g} mm off its slices"
    beyond = max(_beyond(curve, frame) for curve in curves)
    stack = f"{planes.count} slices, {planes.spacing:.3g} mm apart"
    return f"contours lie up to {beyond:.3g} mm outside of it ({stack})" if beyond > limits.beyond_mm else ""


def _beyond(points: Points, frame: Image) -> float:
    """How far the farthest of some points, (n, 3), lies outside of an image, in mm."""
    index = frame.index_of(points)
    last = np.array(frame.voxels.shape) - 1
    excess = np.maximum(np.maximum(-0.5 - index, index - last - 0.5), 0.0)
    return float((excess * np.linalg.norm(frame.affine[:3, :3], axis=0)).max())


def _corners(shape: tuple[int, ...], affine: NDArray[np.float64]) -> Points:
    """The centres of a grid's eight corner voxels, (8, 3) RAS mm."""
    index = np.array(np.meshgrid(*((0, count - 1) for count in shape))).reshape(3, -1).T
    return np.asarray(index @ affine[:3, :3].T + affine[:3, 3])


def _size(shape: ArrayLike) -> str:
    return " x ".join(str(count) for count in np.asarray(shape))
