"""Annotations of phantoms to measure on: spacings, tilts, lengths, gaps, a cord without its tip; who marked them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "SpineRootAnnotator"))

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
TRUTH, CONSENSUS, CARELESS = "truth", "consensus", "careless"
# Twice the jitter at the last segment, and no bounds: marks inside the cord, outside the dura, and on each other.
_CARELESS = AnnotatorSettings(jitter_mm=(0.12, 0.22), on_visible_dots=False)


def _scan(spacing: float = 2.0, count: int = 80, tilt: float = 0.1, roll: float = 0.0) -> PhantomSettings:
    scan = ScanSettings((0.3, 0.3, spacing), (960, 960, count), tilt_degrees=tilt, roll_degrees=roll)
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


# name -> geometry, what is taken away
GEOMETRIES: dict[str, tuple[PhantomSettings, Callable[[Annotation], None]]] = {
    "2.0 mm, 80 slices": (_scan(), _untouched),
    "1.8 mm, 72 slices": (_scan(1.8, 72), _untouched),
    "tilt +15": (_scan(tilt=15.0), _untouched),
    "tilt -15": (_scan(tilt=-15.0), _untouched),
    "roll +15": (_scan(roll=15.0), _untouched),
    "roll -15": (_scan(roll=-15.0), _untouched),
    "tilt +15, roll +15": (_scan(tilt=15.0, roll=15.0), _untouched),
    "missing slices": (_scan(), _with_gaps),
    "missing cord tip": (_scan(), _without_tip),
    "40 slices": (_scan(4.0, 40), _untouched),
    "160 slices": (_scan(1.0, 160), _untouched),
    "320 slices": (_scan(0.5, 320), _untouched),
}


@dataclass(frozen=True)
class Case:
    """One annotation of one phantom."""

    geometry: str
    who: str
    seed: int

    def write(self, folder: Path) -> Path:
        """Write its markers into a folder, which is returned."""
        settings, change = GEOMETRIES[self.geometry]
        truth = make_truth(settings, self.seed, SUBJECT).annotation
        change(truth)
        if self.who == CONSENSUS:
            for label in "AB":
                write_annotation(folder / label, _marked(truth, self.seed, label), durable=False)
            return _consensus(folder)
        annotation = truth if self.who == TRUTH else _marked(truth, self.seed, self.who)
        write_annotation(folder, annotation, durable=False)
        return folder


def _marked(truth: Annotation, seed: int, who: str) -> Annotation:
    label, settings = ("A", _CARELESS) if who == CARELESS else (who, AnnotatorSettings())
    return simulate_annotator(truth, settings, seed, label)


def _consensus(folder: Path) -> Path:
    command = [
        sys.executable,
        "-m",
        "SpineRootLib",
        "consensus",
        str(folder / "A"),
        str(folder / "B"),
        "--accept",
        "--not-blind",
    ]
    command += ["--subject", SUBJECT, "--out", str(folder / "agreed")]
    subprocess.run(command, check=True, cwd=ROOT / "SpineRootAnnotator", stdout=subprocess.DEVNULL)
    return folder / "agreed"


def quick_cases() -> list[Case]:
    """A few: who marked, and the geometry that is hardest."""
    plain = "2.0 mm, 80 slices"
    return [Case(plain, TRUTH, 1), Case(plain, "A", 1), Case("tilt -15", "B", 6)]


def all_cases() -> list[Case]:
    """Every geometry by the truth, two annotators and their consensus; more seeds; careless annotators last."""
    cases = [
        Case(name, who, seed)
        for seed, name in enumerate(GEOMETRIES, start=1)
        for who in (TRUTH, "A", "B", CONSENSUS)
        if not (name == "320 slices" and who in ("B", CONSENSUS))
    ]
    hardest = list(GEOMETRIES)[:4]
    cases += [Case(name, who, seed) for name in hardest for seed, who in ((21, "A"), (22, "B"))]
    return cases + [Case(name, CARELESS, 21) for name in hardest]
