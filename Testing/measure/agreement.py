"""Measures the agreement commands as processes, on cases whose distances are known and on a cohort of real size.

    python Testing/measure/agreement.py [--cohort 14] [--subjects 1000]

The expected distances are computed here from the points alone.
"""

from __future__ import annotations

import argparse
import copy
import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "SpineRootAnnotator"))

from SpineRootLib.annotation import Annotation, Contour  # noqa: E402
from SpineRootLib.annotation_files import read_annotation, write_annotation  # noqa: E402
from SpineRootLib.curves import closed_curve, distance_to_polygon  # noqa: E402
from SpineRootLib.phantom import AnnotatorSettings, PhantomSettings, ScanSettings, make_truth, simulate_annotator  # noqa: E402

Row = tuple[str, str]
# Runs a command from a small process: one that is started from here counts the memory of this one as its own peak.
WATCH = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
wall, usage = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([status, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024]))
"""


def main(arguments: list[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cohort", type=int, default=14)
    parser.add_argument("--subjects", type=int, default=1000)
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="agreement-"))
    try:
        rows = chain(exactness(folder), averages(folder), costs(folder, options.cohort, options.subjects))
        for name, value in rows:
            print(f"{name:66} {value}", flush=True)
    finally:
        shutil.rmtree(folder)
    return 0


def exactness(folder: Path) -> Iterator[Row]:
    """The largest error of a root point's distance in the table of `compare`."""
    for tilt, spacing in ((0.1, 2.0), (15.0, 1.8)):
        truth = phantom(tilt, spacing)
        for name, change in CHANGES.items():
            other, expected = change(copy.deepcopy(truth))
            place = folder / f"{name}-{tilt}".replace(" ", "-")
            a, b = put(place, truth, "A"), put(place, other, "B", ras=name == "in RAS files")
            spineroot("compare", a, b, "--subject", "01", "--out", place / "out")
            rows = [
                row for row in table(place / "out" / "sub-01_agreement-points.tsv") if row["structure"] == "nerveroots"
            ]
            errors = [abs(float(row["distance_mm"]) - expected) for row in rows]
            label = f"{name}, tilt {tilt:g} degrees, {spacing:g} mm: worst of {len(rows)} distances"
            yield label, f"{max(errors):.1e} mm (at most 1e-9)"


def _shift(truth: Annotation) -> tuple[Annotation, float]:
    return moved(truth, np.array([0.6, -0.7, 0.0])), float(np.hypot(0.6, 0.7))


def _reversed(truth: Annotation) -> tuple[Annotation, float]:
    other, expected = _shift(truth)
    other.roots = {root: points[::-1] for root, points in other.roots.items()}
    return other, expected


def _shuffled(truth: Annotation) -> tuple[Annotation, float]:
    other, expected = _shift(truth)
    rng = np.random.default_rng(1)
    other.roots = {root: rng.permutation(points) for root, points in other.roots.items()}
    return other, expected


def _doubled(truth: Annotation) -> tuple[Annotation, float]:
    other, expected = _shift(truth)
    other.roots = {root: np.concatenate([points, points[::5]]) for root, points in other.roots.items()}
    return other, expected


def _gaps(truth: Annotation) -> tuple[Annotation, float]:
    other, expected = _shift(truth)
    other.roots = {root: np.delete(points, slice(3, None, 4), axis=0) for root, points in other.roots.items()}
    return other, expected


CHANGES: dict[str, Callable[[Annotation], tuple[Annotation, float]]] = {
    "a shift": _shift,
    "reversed": _reversed,
    "shuffled": _shuffled,
    "in RAS files": _shift,
    "points given twice": _doubled,
    "missing slices": _gaps,
}


def averages(folder: Path) -> Iterator[Row]:
    """How far the consensus of the truth plus and minus an error is from the truth."""
    truth = phantom(15.0, 1.8)
    planes = truth.require_planes()
    error = 0.7 * planes.right - 0.5 * planes.anterior
    one, two = moved(truth, error), moved(truth, -error)
    two.contours = {name: [Contour(resampled(c.points)) for c in each] for name, each in two.contours.items()}
    place = folder / "average"
    a, b = put(place, one, "A"), put(place, two, "B")
    for name, first, second in (("A and B", a, b), ("B and A", b, a)):
        spineroot("consensus", first, second, "--subject", "01", "--out", place / name)
        agreed = read_annotation(place / name, "01", planes)
        points = max(float(np.abs(agreed.root_descending(r) - truth.root_descending(r)).max()) for r in truth.roots)
        ganglia = max(float(np.abs(agreed.ganglia[root] - truth.ganglia[root]).max()) for root in truth.ganglia)
        yield f"consensus of {name}: points", f"{max(points, ganglia):.1e} mm (at most 1e-6)"
        worst = max(apart(mine.points, theirs.points) for mine, theirs in contours(agreed, truth))
        yield f"consensus of {name}: contours sampled differently", f"{worst:.4f} mm (at most 0.02)"
    same = put(place, truth, "C"), put(place, truth, "D")
    spineroot("consensus", *same, "--subject", "01", "--out", place / "same")
    again = read_annotation(place / "same", "01", planes)
    worst = max(float(np.abs(mine.points - theirs.points).max()) for mine, theirs in contours(again, truth))
    yield "consensus of an annotation with itself: control points", f"{worst:.1e} mm"


def costs(folder: Path, cohort: int, many: int) -> Iterator[Row]:
    """Wall and CPU seconds and memory."""
    dataset, out = folder / "cohort", folder / "out"
    for number in range(1, cohort + 1):
        truth = phantom(0.1, 2.0, seed=number, subject=f"{number:02d}")
        for label in "AB":
            put(dataset / "derivatives", simulate_annotator(truth, AnnotatorSettings(), number, label), label)
    a, b = (dataset / "derivatives" / f"markers-{label}" for label in "AB")
    yield "compare, one subject", cost(*(("compare", a, b, "--subject", "01", "--out", folder / "one"),) * 3)
    for steps in (("compare",), ("compare", "consensus"), ("compare", "consensus", "model")):
        command = ("run", dataset, out / steps[-1], "participant", "--n-jobs", "2", "--accept", "--steps", *steps)
        yield f"cohort of {cohort} with 2 jobs: {', '.join(steps)}", cost(command)
    for count in (2, cohort):
        labels = [f"{number:02d}" for number in range(1, count + 1)]
        command = ("run", dataset, folder / f"memory{count}", "participant", "--accept", "--participant-label", *labels)
        yield f"{count} subjects one after the other", cost(command)
    source = (out / "compare" / "derivatives" / "agreement" / "sub-01" / "sub-01_agreement.tsv").read_text()
    for number in range(many):
        path = folder / "many" / "derivatives" / "agreement" / f"sub-{number:04d}" / f"sub-{number:04d}_agreement.tsv"
        path.parent.mkdir(parents=True)
        path.write_text(source)
    yield f"group on {many} subjects' tables", cost(("run", dataset, folder / "many", "group"))


def phantom(tilt: float, spacing: float, seed: int = 1, subject: str = "01") -> Annotation:
    """The true annotation of a phantom of real size."""
    scan = ScanSettings(tilt_degrees=tilt, voxel_mm=(0.3, 0.3, spacing), shape=(960, 960, round(160 / spacing)))
    annotation = make_truth(PhantomSettings(scan=scan), seed, subject).annotation
    annotation.annotator = None
    return annotation


def moved(annotation: Annotation, shift: np.ndarray) -> Annotation:
    """A copy moved by a vector."""
    other = copy.deepcopy(annotation)
    other.roots = {root: points + shift for root, points in annotation.roots.items()}
    other.ganglia = {root: point + shift for root, point in annotation.ganglia.items()}
    other.contours = {name: [Contour(c.points + shift) for c in each] for name, each in annotation.contours.items()}
    return other


def resampled(points: np.ndarray) -> np.ndarray:
    """Other control points, twice as many, on the same curve, the other way round from elsewhere."""
    return np.roll(closed_curve(points, 6)[::3], 7, axis=0)[::-1]


def contours(one: Annotation, two: Annotation) -> Iterator[tuple[Contour, Contour]]:
    """The contours of both, slice by slice."""
    for structure in one.contours:
        others = two.contours_by_slice(structure)
        yield from ((mine, others[number]) for number, mine in one.contours_by_slice(structure).items())


def apart(one: np.ndarray, two: np.ndarray) -> float:
    """The largest distance between two closed curves, mm."""
    first, second = closed_curve(one, 20), closed_curve(two, 20)
    return float(max(distance_to_polygon(first, second).max(), distance_to_polygon(second, first).max()))


def put(folder: Path, annotation: Annotation, label: str, ras: bool = False) -> Path:
    """Write an annotator's folder, signed off, root points in the order given, in LPS or RAS."""
    mine = copy.deepcopy(annotation)
    mine.annotator = label
    mine.provenance.document["SignOff"] = {"By": label}
    markers = folder / f"markers-{label}"
    write_annotation(markers, mine, durable=False)
    for root, points in mine.roots.items():
        path = markers / f"sub-{mine.subject}" / f"sub-{mine.subject}_nerveroots_{root}.json"
        document = json.loads(path.read_text())
        markup = document["markups"][0]
        markup["coordinateSystem"] = "RAS" if ras else "LPS"
        in_file = points * ([1, 1, 1] if ras else [-1, -1, 1])
        markup["controlPoints"] = [{**markup["controlPoints"][0], "position": point} for point in in_file.tolist()]
        path.write_text(json.dumps(document))
    return markers


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a table."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def cost(*commands: tuple[object, ...]) -> str:
    """Medians of wall and CPU seconds and peak memory of processes."""
    runs = [spineroot(*command) for command in commands]
    wall, cpu, peak = (statistics.median(column) for column in zip(*runs, strict=True))
    return f"{wall:6.2f} s wall, {cpu:6.2f} s CPU, {peak:4.0f} MB"


def spineroot(*words: object) -> tuple[float, float, float]:
    """Run a command; wall and CPU seconds and peak MB of it and the processes that it started."""
    command = [sys.executable, "-c", WATCH, sys.executable, "-m", "SpineRootLib", *map(str, words), "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "SpineRootAnnotator")}
    said = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout
    status, wall, cpu, peak = json.loads(said)
    if status:
        raise SystemExit(f"spineroot {' '.join(map(str, words))} failed")
    return wall, cpu, peak


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
