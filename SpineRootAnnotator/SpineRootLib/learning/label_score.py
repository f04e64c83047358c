"""A predicted label map against an annotation: overlap and edges by level, and of roots where they run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from SpineRootLib.agreement.distances import compare
from SpineRootLib.agreement.raters import Raters
from SpineRootLib.agreement.score import HIT, WRONG_ROOT, Score, ScoreSettings, score
from SpineRootLib.anatomy import CORD, CSF, ROOTS, SIDES, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.images import Image
from SpineRootLib.label_maps.label_map_file import LabelMapFile
from SpineRootLib.label_maps.proposing import marks_by_place
from SpineRootLib.label_maps.reading import ReadMarks, read_marks
from SpineRootLib.labels import LabelSettings, label_map
from SpineRootLib.planes import slice_axis
from SpineRootLib.progress import Progress, part
from SpineRootLib.regions import region_of, root_region
from SpineRootLib.tables import Meaning

_VOXELS = ("structure", "segment", "side", "n_voxels", "n_predicted", "dice", "surface_mean_mm", "surface_p95_mm")
_COURSES = ("on_other_root", "n_slices", "coverage", "wrong_root", "centreline_mm", "median_mm", "p95_mm")
COLUMNS: dict[str, Meaning] = {
    "structure": ("cord, csf or nerveroots", None),
    "segment": ("Level of the roots; n/a for all", None),
    "side": ("Side of the root; n/a for both", None),
    "n_voxels": ("Voxels that the annotation gives it", None),
    "n_predicted": ("Voxels that the prediction gives it", None),
    "dice": ("Overlap of both, 0 to 1", None),
    "surface_mean_mm": ("Mean distance between the edges of both within their slices, there and back", "mm"),
    "surface_p95_mm": ("95th percentile of these distances", "mm"),
    "on_other_root": ("Share of its predicted voxels that the annotation gives to another root", None),
    "n_slices": ("Slices on which the annotation marks it", None),
    "coverage": ("Share of these slices on which the prediction has a point of it", None),
    "wrong_root": ("Share of the predicted points that lie too far away and on another root", None),
    "centreline_mm": ("Mean distance between the lines of both, over the depth that both cover", "mm"),
    "median_mm": ("Median distance of the points on one slice", "mm"),
    "p95_mm": ("95th percentile of these distances", "mm"),
}
# of the table by crowding
CROWDING: dict[str, Meaning] = {
    "nearest_mm": ("How far the nearest other root's mark on the slice is", "mm"),
    "n_marks": ("Marks of the annotation that have a neighbour so far", None),
    "coverage": COLUMNS["coverage"],
    "right": ("Share of the marks that the prediction has within the limit for roots", None),
    "wrong_root": COLUMNS["wrong_root"],
    "median_mm": COLUMNS["median_mm"],
    "p95_mm": COLUMNS["p95_mm"],
}


@dataclass(frozen=True)
class LabelScoreSettings:
    """How a prediction is scored.

    Parameters
    ----------
    crowding_mm : between these distances of the nearest other root marks are counted together: touching (roots are 0.8
        to 1.4 mm thick), a root apart, farther.
    labels : how thick the annotation's roots are taken to be.
    """

    crowding_mm: tuple[float, ...] = (1.5, 3.0)
    points: ScoreSettings = field(default_factory=ScoreSettings)
    labels: LabelSettings = field(default_factory=LabelSettings)


@dataclass(frozen=True, eq=False)
class LabelScore:
    """The score of one subject.

    Parameters
    ----------
    rows, crowding : of the two tables.
    scores, total : of the points, as an annotator is scored.
    predicted : what was read from the prediction.
    """

    rows: list[dict[str, Any]]
    crowding: list[dict[str, Any]]
    scores: list[Score]
    total: Score
    predicted: Annotation
    notes: list[str]


def score_labels(
    prediction: LabelMapFile,
    annotation: Annotation,
    image: Image,
    settings: LabelScoreSettings | None = None,
    progress: Progress | None = None,
) -> LabelScore:
    """Score a label map.

    Parameters
    ----------
    annotation : what is right; its slices are those of the image.
    image : whose voxels both are compared on.

    Raises
    ------
    SpineRootError
        if the prediction shows nothing on the slices.
    """
    settings = settings or LabelScoreSettings()
    read = read_marks(
        [prediction], Annotation(annotation.subject, planes=annotation.planes), progress=part(progress, 0.0, 0.8)
    )
    predicted = Annotation(annotation.subject, "prediction", annotation.planes, segments=annotation.segments)
    _fill(predicted, read)
    raters = Raters(annotation.subject, {"P": predicted, "T": annotation}, annotation.planes, annotation.segments)
    [pair] = compare(raters, part(progress, 0.8, 1.0))
    scores, total = score(pair, raters.marks["P"], raters.marks["T"], settings.points)
    truth = label_map(image, annotation, settings.labels)
    on_voxels = on_voxels_of(image, prediction.image)
    curves = {each.place.root: each.curve for each in pair.structures if each.place.structure == ROOTS}
    by_root = {each.place.root: each for each in scores if each.place is not None and each.place.structure == ROOTS}
    rows = []
    for cells, numbers, labels in _structures(prediction, annotation.segments):
        row = {**cells, **_overlap(np.isin(truth, numbers), np.isin(on_voxels, labels), image)}
        roots = [root for root in annotation.expected_roots() if _is_of(root, cells)]
        if cells["structure"] == ROOTS:
            other = (truth > region_of(CSF).number) & ~np.isin(truth, numbers)
            predicted_here = np.isin(on_voxels, labels)
            count = int(predicted_here.sum())
            row["on_other_root"] = float((predicted_here & other).sum() / count) if count else None
            lines = [curve.mean for root in roots if (curve := curves.get(root)) is not None]
            row["centreline_mm"] = float(np.mean(lines)) if lines else None
            row.update(_of_points([by_root[root] for root in roots if root in by_root]))
        rows.append(row)
    crowding = _by_crowding(list(by_root.values()), annotation, settings)
    return LabelScore(rows, crowding, scores, total, predicted, read.notes)


def columns() -> list[str]:
    """The columns of the table by structure."""
    return [*_VOXELS, *_COURSES]


def _structures(
    prediction: LabelMapFile, segments: Sequence[str]
) -> Iterator[tuple[dict[str, str | None], list[int], list[int]]]:
    """What is compared: its cells, our own numbers of it, and the prediction's."""
    table = prediction.table
    for name in (CORD, CSF):
        if labels := table.numbers_of(name):
            yield {"structure": name, "segment": None, "side": None}, [region_of(name).number], labels
    of_roots = {number: table.meanings[number] for number in table.numbers_of(ROOTS)}
    asked: list[tuple[str | None, str | None]] = [(None, None), *((segment, None) for segment in segments)]
    asked += [(segment, side) for segment in segments for side in SIDES]
    for segment, side in asked:
        labels = [
            number
            for number, each in of_roots.items()
            if (segment is None or each.segment == segment) and (side is None or each.side == side)
        ]
        if labels:
            cells = {"structure": ROOTS, "segment": segment, "side": side}
            roots = [Root(one, each) for one in segments for each in SIDES if _is_of(Root(one, each), cells)]
            yield cells, [root_region(root, beyond).number for root in roots for beyond in (False, True)], labels


def _is_of(root: Root, cells: Mapping[str, str | None]) -> bool:
    return cells["segment"] in (None, root.segment) and cells["side"] in (None, root.side)


def _overlap(truth: NDArray[np.bool_], predicted: NDArray[np.bool_], image: Image) -> dict[str, Any]:
    counts = int(truth.sum()), int(predicted.sum())
    found: dict[str, Any] = {"n_voxels": counts[0], "n_predicted": counts[1], "dice": None}
    if not sum(counts):
        return found
    found["dice"] = float(2.0 * (truth & predicted).sum() / sum(counts))
    if not all(counts):
        return found
    low = np.argwhere(truth | predicted).min(axis=0) - 1
    high = np.argwhere(truth | predicted).max(axis=0) + 2
    box = tuple(slice(max(int(first), 0), int(last)) for first, last in zip(low, high, strict=True))
    # the edge within each slice: the ends of a stack of slices are none
    cross = ndimage.generate_binary_structure(3, 1)
    beside: list[Any] = [slice(None)] * 3
    beside[slice_axis(image.affine)] = [0, 2]
    cross[tuple(beside)] = False
    edges = [each & ~ndimage.binary_erosion(each, cross) for each in (truth[box], predicted[box])]
    size = np.linalg.norm(image.affine[:3, :3], axis=0)
    to_edge = [ndimage.distance_transform_edt(~edge, sampling=size) for edge in edges]
    away = np.concatenate([to_edge[1][edges[0]], to_edge[0][edges[1]]])
    return {**found, "surface_mean_mm": float(away.mean()), "surface_p95_mm": float(np.percentile(away, 95))}


def _of_points(scores: Sequence[Score]) -> dict[str, Any]:
    """Coverage, and where the points lie, of some roots together."""
    outcomes = [each for one in scores for each in one.outcomes]
    marked = [each for each in outcomes if each.what != "extra"]
    there = [each for each in marked if each.distance_mm is not None]
    away = np.array([each.distance_mm for each in there], dtype=float)
    return {
        "n_slices": len(marked),
        "coverage": len(there) / len(marked) if marked else None,
        "wrong_root": sum(each.what == WRONG_ROOT for each in there) / len(there) if there else None,
        "median_mm": float(np.median(away)) if len(away) else None,
        "p95_mm": float(np.percentile(away, 95)) if len(away) else None,
    }


def _by_crowding(scores: Sequence[Score], annotation: Annotation, settings: LabelScoreSettings) -> list[dict[str, Any]]:
    """The outcomes by how far the nearest other root is on the slice."""
    on_slice: dict[int, list[NDArray[np.float64]]] = {}
    for root in annotation.roots:
        for number, point in annotation.root_by_slice(root).items():
            on_slice.setdefault(number, []).append(point)
    limits = (0.0, *settings.crowding_mm, np.inf)
    marked = [each for one in scores for each in one.outcomes if each.what != "extra"]
    nearest = np.array([_nearest(each.position, on_slice.get(each.place.slice or 0, [])) for each in marked])
    rows = []
    for low, high in zip(limits[:-1], limits[1:], strict=True):
        chosen = [each for each, away in zip(marked, nearest.tolist(), strict=True) if low <= away < high]
        name = f"{low:g}-{high:g}" if np.isfinite(high) else f"from {low:g}"
        found = _of_points([Score(None, tuple(chosen))])
        right = sum(each.what == HIT for each in chosen) / len(chosen) if chosen else None
        rows.append({"nearest_mm": name, "n_marks": found.pop("n_slices"), "right": right, **found})
    return rows


def _nearest(point: NDArray[np.float64], points: Sequence[NDArray[np.float64]]) -> float:
    away = sorted(float(np.linalg.norm(other - point)) for other in points)
    return away[1] if len(away) > 1 else np.inf  # the first is the point itself


def _fill(annotation: Annotation, read: ReadMarks) -> None:
    for place, points in marks_by_place(annotation, read):
        if place.root is not None and place.root.segment not in annotation.segments:
            continue
        if place.is_contour:
            assert place.slice is not None
            annotation.set_contour(place.structure, place.slice, points)
    annotation.roots.update({root: each for root, each in read.roots.items() if root.segment in annotation.segments})
    annotation.ganglia.update(read.ganglia)


def on_voxels_of(image: Image, labels: Image) -> NDArray[Any]:
    """A label map on an image's voxels, by the nearest of its own; 0 where it does not reach."""
    if labels.voxels.shape == image.voxels.shape and np.allclose(labels.affine, image.affine, atol=1e-3):
        return labels.voxels
    matrix = np.linalg.inv(labels.affine) @ image.affine
    return np.asarray(
        ndimage.affine_transform(
            labels.voxels, matrix[:3, :3], matrix[:3, 3], output_shape=image.voxels.shape, order=0, mode="constant"
        )
    )
