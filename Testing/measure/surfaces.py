"""Measures the surfaces of subjects with tools of their own: files, VTK's spline and locator, trimesh, manifold3d.

    python Testing/measure/surfaces.py MARKERS 03     one subject
    python Testing/measure/surfaces.py --quick        a few phantoms, and sub-03 of ../shared where that is there
    python Testing/measure/surfaces.py [--jobs 2]     every geometry and annotator

The modeller is run as a process; nothing of it is imported here.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import random
import re
import shutil
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import phantom_markers
from phantom_markers import CARELESS, CONSENSUS, ROOT, SUBJECT, TRUTH, Case
from surface_measures import Measures, Numbers

# The kernel counts into a child's peak what its parent held when it was started: the child tells its own. What is
# computed without reading and writing is timed around the one function that does it.
_RUN = """
import json, os, sys, time
import SpineRootLib.commands as commands
asked = commands.main
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import SpineRootLib.commands.model as model
build, spent = model.build_model, []
def timed(*arguments):
    begin = time.process_time()
    try:
        return build(*arguments)
    finally:
        spent.append(time.process_time() - begin)
model.build_model = timed
status = asked(sys.argv[1:])
with open("/proc/self/status") as own, open(os.environ["TOLD"], "w") as told:
    told.write(json.dumps({"status": own.read(), "computing": spent}))
sys.exit(status)
"""


@dataclass(frozen=True)
class Line:
    """One line of the table: a number, its target, and whether more or less is worse."""

    key: str
    name: str
    target: float | None = None
    least: bool = False
    digits: int = 3

    def worst(self, values: list[tuple[float, str]]) -> tuple[float, str]:
        """The worst of values with the names of their cases."""
        return min(values) if self.least else max(values)

    def holds(self, value: float) -> bool:
        """Whether a value keeps to the target, to the digits shown."""
        if self.target is None:
            return True
        shown = round(value, self.digits)
        return shown >= self.target if self.least else shown <= self.target


LINES = [
    Line("drawn_dura_max", "dura, smoothing off: contour points to surface, max mm", 0.02),
    Line("drawn_cord_max", "cord, smoothing off: contour points to surface, max mm", 0.02),
    Line("dura_mean", "dura: contour points to surface, mean mm", 0.06),
    Line("dura_max", "dura: contour points to surface, max mm", 0.15),
    Line("cord_mean", "cord: contour points to surface, mean mm", 0.06),
    Line("cord_max", "cord: contour points to surface, max mm", 0.15),
    Line("dura_volume", "dura: volume against annotated, %", 0.2),
    Line("cord_volume", "cord: volume against annotated, %", 0.2),
    Line("root_free_mean", "root points to centreline before clearing, mean mm", 0.12),
    Line("root_free_p95", "root points to centreline before clearing, p95 mm", 0.24),
    Line("root_free_max", "root points to centreline before clearing, max mm", 0.35),
    Line("root_mean", "root points to centreline, mean mm", 0.12),
    Line("root_p95", "root points to centreline, p95 mm (0.24 + 0.15 to clear)", 0.39),
    Line("root_max", "root points to centreline, max mm (0.35 + 0.15 to clear)", 0.50),
    Line("root_beyond", "root points beyond 0.35 mm", None, digits=0),
    Line("root_points", "root points", None, digits=0),
    Line("moved", "centreline moved to clear, max mm", None),
    Line("conflicts", "conflicts named", 0, digits=0),
    Line("unnamed", "parts that come too near or meet twice and are not named", 0, digits=0),
    Line("ganglion", "ganglion to end of the centreline, mm", 0.01, digits=6),
    Line("start", "start of the centreline to the cord's surface, mm", 0.01, digits=4),
    Line("level", "level of the start against a first point at the cord (within 1 mm), mm", 1.6),
    Line("joined", "root joined to the cord from its emergence on, at most mm", None),
    Line("unjoined", "roots not joined to the cord", None, digits=0),
    Line("root_root", "root to root, smallest gap mm", 0.05, True),
    Line("dura_cord", "dura to cord, smallest gap mm", 0.05, True),
    Line("root_dura", "root to dura, 1 mm away from its exit, smallest gap mm", 0.05, True),
    Line("root_cord", "root to cord, 1 mm away from its origin, smallest gap mm", 0.05, True),
    Line("passes_dura_more", "roots that pass the dura more than once", 0, digits=0),
    Line("passes_dura_none", "roots that do not pass the dura", 0, digits=0),
    Line("passes_cord_more", "roots that meet the cord in more than one place", 0, digits=0),
    Line("not_closed", "parts not watertight, outwards and in one piece", 0, digits=0),
    Line("self_crossing", "self-intersecting triangles", 0, digits=0),
    Line("csf", "CSF: volume against dura minus cord minus roots, %", 0.1, digits=4),
    Line("regions_open", "conforming: regions not closed", 0, digits=0),
    Line("regions_sum", "conforming: volumes added up, against the union, %", 0.01, digits=6),
    Line("regions_gap", "conforming: overlap or gap, % of the volume", 0.01, digits=6),
    Line("regions_unshared", "conforming: interface triangles without one partner, %", 0, digits=2),
    Line("triangles", "triangles in all", 150_000, digits=0),
    Line("quality", "triangle quality (2r/R), p5", 0.3, True, 2),
    Line("computing", "computing, CPU s", 1.0, digits=2),
    Line("cpu", "process, CPU s (imports included)", 3.0, digits=2),
    Line("peak", "process, peak MB", 400, digits=0),
    Line("changed", "surfaces that differ when files and points are listed in another order", 0, digits=0),
]


def main(arguments: list[str]) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("markers", nargs="?", type=Path)
    parser.add_argument("subject", nargs="?")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="surfaces-"))
    if options.markers is not None:
        print_groups({f"sub-{options.subject}": [("", measured(options.markers, options.subject, folder))]})
        return 0
    groups: dict[str, list[tuple[str, Numbers]]] = {}
    real = ROOT.parent / "shared" / "data" / "sub-03" / "markers"
    if real.is_dir():
        groups["sub-03"] = [("", measured(real, "03", folder / "sub-03"))]
    cases = phantom_markers.quick_cases() if options.quick else phantom_markers.all_cases()
    places = [folder / str(index) for index in range(len(cases))]
    print(_HEADING)
    with ProcessPoolExecutor(options.jobs) as pool:
        for case, numbers in zip(cases, pool.map(of_case, cases, places), strict=True):
            print(case_line(case, numbers), flush=True)
            kind = {TRUTH: "truth", CONSENSUS: "consensus", CARELESS: "careless"}.get(case.who, "annotators")
            groups.setdefault(kind, []).append((f"{case.geometry}, {case.who}, seed {case.seed}", numbers))
    print()
    print_groups(groups)
    return 0


def of_case(case: Case, folder: Path) -> Numbers:
    """The numbers of a phantom."""
    return measured(case.write(folder / "markers"), SUBJECT, folder)


_HEADING = f"{'phantom':22}{'marked by':12}{'seed':>4} {'mean':>6}{'p95':>6}{'max':>6}{'free':>6}{'>.35':>5}" + (
    f"{'conflicts':>10}{'r-r':>7}{'r-cord':>7}{'r-dura':>7}{'CPU s':>7}{'MB':>5}"
)


def case_line(case: Case, numbers: Numbers) -> str:
    """One phantom in a line."""
    root = "".join(f"{numbers[key]:6.3f}" for key in ("root_mean", "root_p95", "root_max", "root_free_max"))
    gaps = "".join(f"{numbers[key]:7.3f}" for key in ("root_root", "root_cord", "root_dura"))
    start = f"{case.geometry:22}{case.who:12}{case.seed:4d} {root}{numbers['root_beyond']:5.0f}"
    return f"{start}{numbers['conflicts']:10.0f}{gaps}{numbers['computing']:7.2f}{numbers['peak']:5.0f}"


def print_groups(groups: dict[str, list[tuple[str, Numbers]]]) -> None:
    """Per line of the table its target and the worst of each group; what does not hold is marked, with its case."""
    print(f"{'worst of':74}{'target':>9}" + "".join(f"{f'{name} ({len(of)})':>17}" for name, of in groups.items()))
    for line in LINES:
        cells, notes = [], []
        for name, cases in groups.items():
            values = [(float(numbers.get(line.key, math.nan)), case) for case, numbers in cases]
            values = [each for each in values if not math.isnan(each[0])]
            if not values:
                cells.append("-")
                continue
            value, case = line.worst(values)
            broken = sum(not line.holds(each) for each, _ in values)
            cells.append(f"{value:.{line.digits}f}{'*' if broken else ' '}")
            if broken and case:
                notes.append(f"{name}: {broken} of {len(values)}, worst {case}")
        target = "" if line.target is None else f"{'>=' if line.least else '<='}{line.target:g}"
        print(f"{line.name:74}{target:>9}" + "".join(f"{cell:>17}" for cell in cells))
        for note in notes:
            print(f"    * {note}")


def measured(markers: Path, subject: str, folder: Path) -> Numbers:
    """All numbers of one subject."""
    cost = run(markers, subject, folder / "default", [])
    run(markers, subject, folder / "drawn", ["--smoothing", "0"])
    run(markers, subject, folder / "conforming", ["--conforming"])
    run(shuffled(markers, subject, folder / "shuffled-markers"), subject, folder / "shuffled", [])
    drawn = Measures(markers, subject, folder / "drawn").contour_numbers()
    return {
        **{f"drawn_{key}": value for key, value in drawn.items()},
        **Measures(markers, subject, folder / "default").numbers(),
        **Measures(markers, subject, folder / "conforming").region_numbers(),
        **cost,
        "changed": float(len(set(sums(folder / "default").items()) ^ set(sums(folder / "shuffled").items()))),
    }


def run(markers: Path, subject: str, out: Path, options: list[str]) -> Numbers:
    """What one process took."""
    command = ["model", str(markers), "--subject", subject, "--out", str(out), *options]
    out.parent.mkdir(parents=True, exist_ok=True)
    told = out.with_suffix(".told")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "SpineRootAnnotator"), "TOLD": str(told)}
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    begin = time.perf_counter()
    words = [sys.executable, "-c", _RUN, *command]
    process = os.posix_spawn(sys.executable, words, environment, file_actions=quiet)
    _, status, usage = os.wait4(process, 0)
    if status:
        raise SystemExit(f"spineroot model failed on {markers}")
    own = json.loads(told.read_text())
    peak = int(re.search(r"VmHWM:\s+(\d+)", own["status"])[1]) / 1024
    wall = time.perf_counter() - begin
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak": peak, "computing": sum(own["computing"])}


def shuffled(markers: Path, subject: str, folder: Path) -> Path:
    """The same markups with contours renumbered, started elsewhere and reversed, and root points in any order."""
    source = markers / f"sub-{subject}" if (markers / f"sub-{subject}").is_dir() else markers
    target = folder / f"sub-{subject}"
    target.mkdir(parents=True)
    for sidecar in source.glob("*_annotation.json"):  # it holds the planes of the slices
        shutil.copy(sidecar, target)
    chance = random.Random(7)
    for structure in ("dura", "cord", "nerveroots", "ganglions"):
        paths = sorted(source.glob(f"*_{structure}_*.json"))
        names = [path.name for path in paths]
        if structure in ("dura", "cord"):
            chance.shuffle(names)
        for path, name in zip(paths, names, strict=True):
            document = json.loads(path.read_text())
            points = document["markups"][0]["controlPoints"]
            if structure == "nerveroots":
                chance.shuffle(points)
            else:
                start = chance.randrange(len(points))
                points[:] = (points[start:] + points[:start])[:: chance.choice((1, -1))]
            (target / name).write_text(json.dumps(document))
    return folder


def sums(folder: Path) -> dict[str, str]:
    """Of each surface's file its checksum."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.vtp")}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
