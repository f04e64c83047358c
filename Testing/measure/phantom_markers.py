"""Annotations of phantoms to measure on: other spacings, tilts and lengths, gaps, a cord without its tip."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "SpineRootAnnotator"))

from SpineRootLib.annotation import Annotation  # noqa: E402
from SpineRootLib.annotation_files import write_annotation  # noqa: E402
from SpineRootLib.phantom import (  # noqa: E402
    AnnotatorSettings,
    PhantomSettings,
    ScanSettings,
    make_truth,
    simulate_annotator,
)

SUBJECT = "01"


def _scan(spacing: float = 2.0, count: int = 80, tilt: float = 0.1) -> PhantomSettings:
    scan = ScanSettings(voxel_mm=(0.3, 0.3, spacing), shape=(960, 960, count), tilt_degrees=tilt)
    return replace(PhantomSettings(), scan=scan)


def _with_gaps(annotation: Annotation) -> None:
    for structure in ("dura", "cord"):
        for number in (10, 11, 12, 30, 47, 48, 60):
            annotation.set_contour(structure, number, None)
    for root in list(annotation.roots):
        for number in (33, 34, 35, 36, 50, 60, 61):
            annotation.set_root_point(root, number, None)


def _without_tip(annotation: Annotation) -> None:
    for number in sorted(annotation.contours_by_slice("cord"))[-12:]:
        annotation.set_contour("cord", number, None)


def _untouched(_annotation: Annotation) -> None:
    pass


# name -> geometry, seed, whether a simulated annotator marked it (or it is the truth), what is taken away
CASES: dict[str, tuple[PhantomSettings, int, bool, Callable[[Annotation], None]]] = {
    "truth": (_scan(), 1, False, _untouched),
    "annotator": (_scan(), 1, True, _untouched),
    "1.8 mm": (_scan(1.8, 72), 4, True, _untouched),
    "tilted by 15 degrees": (_scan(tilt=15.0), 5, True, _untouched),
    "tilted by -15 degrees": (_scan(tilt=-15.0), 6, True, _untouched),
    "missing slices": (_scan(), 9, True, _with_gaps),
    "missing cord tip": (_scan(), 10, True, _without_tip),
}
# the same spine on ever thinner slices
LENGTHS = {40: 4.0, 80: 2.0, 160: 1.0, 320: 0.5}


def write_case(name: str, folder: Path) -> Path:
    """Write the markers of a case into a folder, which is returned."""
    settings, seed, annotated, change = CASES[name]
    annotation = make_truth(settings, seed, SUBJECT).annotation
    if annotated:
        annotation = simulate_annotator(annotation, AnnotatorSettings(), seed, "A")
    change(annotation)
    write_annotation(folder, annotation, durable=False)
    return folder


def write_length(count: int, folder: Path) -> Path:
    """Write the true markers of the spine on so many slices into a folder, which is returned."""
    write_annotation(folder, make_truth(_scan(LENGTHS[count], count), 8, SUBJECT).annotation, durable=False)
    return folder
