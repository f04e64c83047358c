"""A label map on the voxels of the CISS image, for training programs that find and trace roots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib import __version__
from SpineRootLib.anatomy import CORD, CSF, DURA, ROOTS, Root, all_roots, color
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import inside, nearest_on_segments
from SpineRootLib.dataset_description import image_uri
from SpineRootLib.errors import GeometryError
from SpineRootLib.frames import Points
from SpineRootLib.images import Image, describe_image, write_image
from SpineRootLib.planes import slice_axis
from SpineRootLib.progress import Progress, report
from SpineRootLib.regions import Region, region_of, root_region
from SpineRootLib.tables import Meaning, write_described
from SpineRootLib.translation import _

CORD_LABEL, CSF_LABEL = region_of(CORD).number, region_of(CSF).number
LABELS_TITLE = "Label maps of cord, fluid and nerve roots"
LABEL_COLUMNS: dict[str, Meaning] = {
    "index": ("Value of the region's voxels", None),
    "name": ("Name of the region", None),
    "abbreviation": ("Its short name", None),
    "color": ("Colour to show it in, as #RRGGBB", None),
}


@dataclass(frozen=True)
class LabelSettings:
    """How a label map is made.

    Parameters
    ----------
    root_radius_mm : of the roots around their traced line: the 0.5 mm of Liu et al. 2024.
    radius_by_root : of some levels, ``L1``, or roots, ``L1_L``, which go before levels.
    """

    root_radius_mm: float = 0.5
    radius_by_root: Mapping[str, float] = field(default_factory=dict)

    def radius_of(self, root: Root) -> float:
        """The radius of a root, mm."""
        of_level = self.radius_by_root.get(root.segment, self.root_radius_mm)
        return self.radius_by_root.get(str(root), of_level)

    def document(self) -> dict[str, Any]:
        """What is written of them: radii by root where there are any."""
        return {key: value for key, value in asdict(self).items() if value != {}}


def label_map(
    image: Image, annotation: Annotation, settings: LabelSettings | None = None, progress: Progress | None = None
) -> NDArray[np.uint8]:
    """Label each voxel by what its centre lies in.

    Inside the cord's contour it is cord; near a root's traced line that root (of several the nearest), also beyond
    the dura; elsewhere inside the dura's contour cerebrospinal fluid; 0 everywhere else, and on slices without a
    contour. Between two points of a root on slices farther apart the line is straight.

    Parameters
    ----------
    image : the CISS image; only its geometry is used.

    Returns
    -------
    (i, j, k) labels : the numbers of `regions`; a root is beyond the dura where the contour of its slice leaves it out.

    Raises
    ------
    GeometryError
        if nothing of the annotation lies in the image.
    """
    settings = settings or LabelSettings()
    # in the order in which files have them, so that writing needs no copy; a system gives no memory for untouched zeros
    labels = np.zeros(image.voxels.shape, dtype=np.uint8, order="F")
    box = _box_around(image, annotation, settings)
    origin = image.ras_of([[side.start for side in box]])[0]
    labels[box] = _labelled(Image(labels[box], _moved(image.affine, origin)), annotation, settings, progress)
    if not labels[box].any():
        raise GeometryError(
            _("nothing of sub-{subject} lies in the image: is it another subject's?").format(subject=annotation.subject)
        )
    return labels


def _labelled(
    image: Image, annotation: Annotation, settings: LabelSettings, progress: Progress | None
) -> NDArray[np.uint8]:
    """`label_map` of the part of an image that holds all that is marked."""
    labels = np.zeros(image.voxels.shape, dtype=np.uint8)
    report(progress, 0.0, "contours")
    _fill(labels, image, annotation, DURA, CSF_LABEL)
    # beyond the dura is only what a contour of the same slice leaves out
    in_plane = tuple(axis for axis in range(3) if axis != slice_axis(image.affine))
    outside = (labels == 0) & (labels > 0).any(axis=in_plane, keepdims=True)
    cord = np.zeros_like(labels)
    _fill(cord, image, annotation, CORD, CORD_LABEL)
    nearest = np.full(labels.shape, settings.root_radius_mm, dtype=np.float32)
    for rank, root in enumerate(all_roots(annotation.segments)):
        report(progress, 0.3 + 0.7 * rank / len(all_roots(annotation.segments)), str(root))
        inside_dura, beyond = root_region(root).number, root_region(root, beyond=True).number
        radius = settings.radius_of(root)
        for part, away in _boxes_near(image, annotation.root_descending(root), radius):
            # between roots of unlike radii their surfaces decide
            away = away - np.float32(radius - settings.root_radius_mm)
            nearer = away <= nearest[part]
            nearest[part][nearer] = away[nearer]
            labels[part][nearer] = np.where(outside[part][nearer], beyond, inside_dura)
    labels[cord > 0] = CORD_LABEL
    return labels


def _box_around(image: Image, annotation: Annotation, settings: LabelSettings) -> tuple[slice, ...]:
    """The voxels that anything marked could label."""
    radius = max((settings.radius_of(root) for root in annotation.roots), default=0.0)
    reach = radius / np.linalg.norm(image.affine[:3, :3], axis=0) + 1.0
    curves = [contour.curve() for contours in annotation.contours.values() for contour in contours]
    points = [*curves, *annotation.roots.values()]
    index = image.index_of(np.concatenate(points)) if points else np.zeros((1, 3))
    low = np.clip(np.floor(index.min(axis=0) - reach), 0, image.voxels.shape).astype(int)
    high = np.clip(np.ceil(index.max(axis=0) + reach) + 1, low, image.voxels.shape).astype(int)
    return tuple(slice(first, last) for first, last in zip(low, high, strict=True))


def _moved(affine: NDArray[np.float64], origin: NDArray[np.float64]) -> NDArray[np.float64]:
    """An affine whose voxel 0 lies elsewhere."""
    moved = affine.copy()
    moved[:3, 3] = origin
    return moved


def lookup(segments: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The rows of the look-up table by number, as BIDS has it for a discrete segmentation."""
    yield _row(region_of(CORD), color(CORD))
    yield _row(region_of(CSF), color(CSF))
    for beyond in (False, True):
        for root in all_roots(segments):
            yield _row(root_region(root, beyond), color(ROOTS, root))


def write_labels(
    folder: Path,
    image: Image,
    labels: NDArray[np.uint8],
    annotation: Annotation,
    settings: LabelSettings | None = None,
    voxel_mm: float | None = None,
) -> list[Path]:
    """Write ``sub-XX_space-CISS_dseg.nii.gz`` on the voxels of an image, its look-up table, and what it was made from
    and how (``.json``); the files written.

    Parameters
    ----------
    voxel_mm : the edge of voxels that are no image's; the name tells it in micrometres, ``_res-250um_``.
    """
    finer = "" if voxel_mm is None else f"_res-{round(1000 * voxel_mm)}um"
    stem = f"sub-{annotation.subject}_space-CISS{finer}_dseg"
    document = {
        "Description": "Regions by number: cord, cerebrospinal fluid, and each nerve root inside and beyond the dura",
        "Manual": False,
        "SpatialReference": reference_of(image),
        **({} if voxel_mm is None else {"Resolution": f"voxels of {voxel_mm:g} mm, filled from surfaces"}),
        "Images": {} if image.source is None else {"CISS": describe_image(image.source)},
        "Annotation": annotated_by(annotation),
        "Settings": (settings or LabelSettings()).document(),
        "GeneratedBy": [{"Name": "SpineRoot", "Version": __version__}],
    }
    return [
        write_image(folder / f"{stem}.nii.gz", Image(labels, image.affine)),
        *write_described(
            folder / f"{stem}.tsv", list(LABEL_COLUMNS), lookup(annotation.segments), LABEL_COLUMNS, document
        ),
    ]


def annotated_by(annotation: Annotation) -> dict[str, Any]:
    """What is written of an annotation: whose it is, and the day of its last edit as far as the sidecar tells it."""
    # null where nobody put a name to it, as to what is still discussed
    whose = "consensus" if annotation.provenance.is_consensus else annotation.annotator
    edited = annotation.provenance.last_edited
    return {"Subject": annotation.subject, "Annotator": whose, **({"Date": edited} if edited else {})}


def reference_of(image: Image) -> str | None:
    """The image whose voxels are labelled, as BIDS names it; None where it is no file."""
    return None if image.source is None else image_uri(image.source)


def _fill(labels: NDArray[np.uint8], image: Image, annotation: Annotation, structure: str, label: int) -> None:
    """Label the voxels whose centres lie within a structure's contours, each on its own slice of the image."""
    across = slice_axis(image.affine)
    within = [axis for axis in range(3) if axis != across]
    for contour in annotation.contours[structure]:
        index = image.index_of(contour.curve())
        number = int(np.round(index[:, across].mean()))
        if not 0 <= number < labels.shape[across]:
            continue
        flat = index[:, within]
        low = np.maximum(np.ceil(flat.min(axis=0)), 0).astype(int)
        high = np.minimum(np.floor(flat.max(axis=0)) + 1, [labels.shape[axis] for axis in within]).astype(int)
        grid = np.stack(np.meshgrid(*map(np.arange, low, high), indexing="ij"), axis=-1)
        found = grid[inside(flat, grid.reshape(-1, 2)).reshape(grid.shape[:2])]
        place: list[Any] = [number, number, number]
        place[within[0]], place[within[1]] = found.T
        labels[tuple(place)] = label


def _boxes_near(image: Image, line: Points, radius: float) -> Iterator[tuple[tuple[slice, ...], NDArray[np.float32]]]:
    """Boxes of voxels around each piece of a line, and how far from the piece their centres lie, mm."""
    reach = radius / np.linalg.norm(image.affine[:3, :3], axis=0)
    pieces = zip(line[:-1], line[1:], strict=True) if len(line) > 1 else ((point, point) for point in line)
    for start, end in pieces:
        ends = image.index_of([start, end])
        low = np.maximum(np.ceil(ends.min(axis=0) - reach), 0).astype(int)
        high = np.minimum(np.floor(ends.max(axis=0) + reach) + 1, image.voxels.shape).astype(int)
        if np.all(low < high):
            box = np.stack(np.meshgrid(*map(np.arange, low, high), indexing="ij"), axis=-1)
            points = image.ras_of(box.reshape(-1, 3))
            away = np.linalg.norm(nearest_on_segments(points, start, end)[1], axis=1)
            part = tuple(slice(first, last) for first, last in zip(low, high, strict=True))
            yield part, away.reshape(box.shape[:3]).astype(np.float32)


def _row(region: Region, rgb: Sequence[float]) -> dict[str, Any]:
    shade = "#" + "".join(f"{round(255 * channel):02X}" for channel in rgb)
    return {"index": region.number, "name": region.name, "abbreviation": region.abbreviation, "color": shade}
