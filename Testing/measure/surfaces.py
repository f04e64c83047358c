"""Measures the surfaces of a subject with tools of their own: files, VTK's spline and locator, trimesh, manifold3d.

    python Testing/measure/surfaces.py MARKERS 03     one subject
    python Testing/measure/surfaces.py                phantoms, and sub-03 of ../shared where that is there

The modeller is run as a process; nothing of it is imported here.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import statistics
import sys
import tempfile
import time
from itertools import combinations
from pathlib import Path

import manifold3d
import numpy as np
import phantom_markers
from crossings import clusters, crossing_pairs
from shapes import (
    LPS,
    as_manifold,
    as_trimesh,
    distances,
    drawn_volume,
    read_vtp,
    share_of_partners,
    slice_normal,
    to_polyline,
    triangle_quality,
    triple,
)

# The kernel counts into a child's peak what its parent held when it was started: the child tells its own.
_RUN = """
import os, sys
from SpineRootLib.commands import main
status = main(sys.argv[1:])
with open("/proc/self/status") as own, open(os.environ["PEAK"], "w") as told:
    told.write(own.read())
sys.exit(status)
"""
ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Print the tables."""
    folder = Path(tempfile.mkdtemp(prefix="surfaces-"))
    if arguments:
        table(Path(arguments[0]), arguments[1], folder)
        return 0
    real = ROOT.parent / "shared" / "data" / "sub-03" / "markers"
    if real.is_dir():
        print("== sub-03")
        table(real, "03", folder / "sub-03")
    for number, name in enumerate(phantom_markers.CASES):
        print(f"\n== phantom: {name}")
        place = folder / f"phantom-{number}"
        table(phantom_markers.write_case(name, place / "markers"), phantom_markers.SUBJECT, place)
    print("\n== slices, seconds of computing, CPU seconds of the process, peak MB")
    for count in phantom_markers.LENGTHS:
        place = folder / f"slices-{count}"
        markers = phantom_markers.write_length(count, place / "markers")
        costs = [run(markers, phantom_markers.SUBJECT, place / f"run-{index}", []) for index in range(3)]
        report = json.loads((place / "run-0" / f"sub-{phantom_markers.SUBJECT}_model.json").read_text())
        _, cpu, peak = (statistics.median(column) for column in zip(*costs, strict=True))
        print(f"{count:5d} {sum(report['seconds'].values()):8.2f} {cpu:8.2f} {peak:8.0f}")
    return 0


def table(markers: Path, subject: str, folder: Path) -> None:
    """Print the table of one subject."""
    costs = [run(markers, subject, folder / f"run-{index}", []) for index in range(3)]
    run(markers, subject, folder / "drawn", ["--smoothing", "0"])
    run(markers, subject, folder / "conforming", ["--conforming"])
    measures = Measures(markers, subject, folder / "run-0")
    drawn = Measures(markers, subject, folder / "drawn")
    pieces = Measures(markers, subject, folder / "conforming")
    unsmoothed = ((f"without smoothing, {name}", value) for name, value in drawn.wall_rows())
    rows = (*unsmoothed, *measures.rows(), *pieces.region_rows(), *cost_rows(costs), same_bytes(folder))
    for name, value in rows:
        print(f"{name:70} {value}", flush=True)


def run(markers: Path, subject: str, out: Path, options: list[str]) -> tuple[float, float, float]:
    """Wall and CPU seconds and peak MB of one process."""
    command = ["model", str(markers), "--subject", subject, "--out", str(out), *options]
    peak = out.with_suffix(".peak")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "SpineRootAnnotator"), "PEAK": str(peak)}
    start = time.perf_counter()
    process = os.spawnve(os.P_NOWAIT, sys.executable, [sys.executable, "-c", _RUN, *command], environment)
    _, status, usage = os.wait4(process, 0)
    if status:
        raise SystemExit(f"spineroot model failed on {markers}")
    high = int(re.search(r"VmHWM:\s+(\d+)", peak.read_text())[1]) / 1024
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, high


def cost_rows(costs: list[tuple[float, float, float]]) -> list[tuple[str, str]]:
    """The medians of the runs."""
    wall, cpu, peak = (statistics.median(column) for column in zip(*costs, strict=True))
    return [("process: wall s / CPU s / peak MB", f"{wall:.2f} / {cpu:.2f} / {peak:.0f}")]


def same_bytes(folder: Path) -> tuple[str, str]:
    """Whether the runs wrote the same surfaces to the last bit."""
    sums = [
        {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in run.glob("*.vtp")}
        for run in sorted(folder.glob("run-?"))
    ]
    return "bit-identical over three runs", str(all(each == sums[0] for each in sums))


class Measures:
    """The written surfaces of a subject beside its markups."""

    def __init__(self, markers: Path, subject: str, out: Path) -> None:
        source = markers / f"sub-{subject}" if (markers / f"sub-{subject}").is_dir() else markers
        self.report = json.loads((out / f"sub-{subject}_model.json").read_text())
        self.seconds = sum(self.report["seconds"].values())
        self.contours: dict[str, list] = {"dura": [], "cord": []}
        self.roots: dict[str, np.ndarray] = {}
        self.ganglia: dict[str, np.ndarray] = {}
        for path in sorted(source.glob("*.json")):
            self._take(path)
        files = {path.stem.split("_", 1)[1]: path for path in sorted(out.glob("*.vtp"))}
        self.poly = {name: read_vtp(path) for name, path in files.items() if not name.startswith("region-")}
        self.regions = {
            name.removeprefix("region-"): as_trimesh(read_vtp(path))
            for name, path in files.items()
            if name.startswith("region-")
        }
        self.mesh = {name: as_trimesh(poly) for name, poly in self.poly.items()}
        self.solid = {name: as_manifold(mesh) for name, mesh in self.mesh.items()}
        self.tubes = [name for name in self.mesh if name.startswith("nerveroots")]

    def _take(self, path: Path) -> None:
        match = re.fullmatch(r"sub[-_][^_]+_(dura|cord|nerveroots|ganglions)_(\w+?)(\.mrk)?\.json", path.name)
        if match is None:
            return
        markup = json.loads(path.read_text())["markups"][0]
        points = np.array([point["position"] for point in markup["controlPoints"]], dtype=float)
        points = points * (LPS if markup.get("coordinateSystem", "LPS") in ("LPS", "1", 1) else 1)
        if match[1] in self.contours:
            self.contours[match[1]].append(points)
        else:
            (self.roots if match[1] == "nerveroots" else self.ganglia)[match[2]] = points

    def rows(self):
        """Name and value of each line."""
        yield from self.wall_rows()
        yield from self._root_rows()
        yield from self._clearance_rows()
        yield from self._topology_rows()
        yield "computing s (the report's own stages)", f"{self.seconds:.2f}"

    def wall_rows(self):
        """How dura and cord keep to the contours."""
        for name in ("dura", "cord"):
            if name in self.mesh:
                yield from self._one_wall(name)

    def _one_wall(self, name: str):
        points = np.concatenate(self.contours[name])
        away = distances(self.poly[name], points)
        yield f"{name}: contour points to surface, mean / p95 / max mm", triple(away)
        drawn, wall = drawn_volume(self.contours[name]), self.mesh[name].volume
        yield f"{name}: volume mm3, against annotated", f"{wall:.1f} ({100 * (wall / drawn - 1):+.3f} %)"

    def _root_rows(self):
        centre = {name: np.array(root["centreline_ras"]) for name, root in self.report["roots"].items()}
        away = [to_polyline(self.roots[name], line) for name, line in centre.items() if name in self.roots]
        yield f"root points to centreline ({sum(map(len, away))}), mean / p95 / max mm", triple(np.concatenate(away))
        yield "points moved from more than 0.35 mm", str(int((np.concatenate(away) > 0.35).sum()))
        ends = [np.linalg.norm(centre[name][-1] - point[0]) for name, point in self.ganglia.items() if name in centre]
        yield "ganglion to end of the centreline, max mm", f"{max(ends, default=0):.6f}"
        starts = {name: line[0] for name, line in centre.items() if self.report["roots"][name]["emergence"]}
        if starts and "cord" in self.poly:
            yield (
                "start of the centreline to the cord's surface, max mm",
                f"{distances(self.poly['cord'], np.array(list(starts.values()))).max():.4f}",
            )
            normal = slice_normal(self.contours["dura"] or self.contours["cord"])
            level = [abs((self.roots[name] @ normal).max() - start @ normal) for name, start in starts.items()]
            yield "level of the start against the first point, max mm", f"{max(level):.3f}"
        yield "roots not joined to the cord", str(len(centre) - len(starts))
        moves = [root["moved"]["max_mm"] for root in self.report["roots"].values()]
        yield (
            "moved to clear, max mm / conflicts named",
            f"{max(moves, default=0):.3f} / {len(self.report['conflicts'])}",
        )

    def _clearance_rows(self):
        pairs = [(self.solid[a].min_gap(self.solid[b], 3.0), a, b) for a, b in combinations(self.tubes, 2)]
        if pairs:
            smallest = min(pairs)
            yield "root to root, smallest gap mm", f"{smallest[0]:.4f} ({smallest[1]} {smallest[2]})"
        both = [name for name in ("dura", "cord") if name in self.solid]
        if len(both) == 2:
            outside = manifold3d.Manifold.cube([400, 400, 1200], True).translate(self.mesh["dura"].centroid)
            yield (
                "dura to cord, smallest gap mm",
                f"{(outside - self.solid['dura']).min_gap(self.solid['cord'], 5.0):.4f}",
            )
        for wall in both:
            spots = {name: self._meetings(name, wall) for name in self.tubes}
            counts = {name: clusters(places, 1.6) for name, places in spots.items()}
            yield (
                f"places where roots pass the {wall}: none / one / more",
                " / ".join(
                    str(sum(test(n) for n in counts.values()))
                    for test in (lambda n: n == 0, lambda n: n == 1, lambda n: n > 1)
                ),
            )
            lengths = [np.linalg.norm(np.ptp(places, axis=0)) for places in spots.values() if len(places)]
            yield f"longest such place at the {wall}, mm", f"{max(lengths, default=0):.2f}"
            yield f"root to {wall} away from it (1 mm), smallest gap mm", self._gap_away(wall, spots)

    def region_rows(self):
        """Whether the conforming regions fill space and share their interfaces."""
        if not self.regions:
            return
        closed = all(mesh.is_watertight and mesh.volume > 0 for mesh in self.regions.values())
        yield "conforming: regions / each closed", f"{len(self.regions)} / {closed}"
        parts = [solid for name, solid in self.solid.items() if name != "csf"]
        union = manifold3d.Manifold.batch_boolean(parts, manifold3d.OpType.Add).volume()
        total = sum(mesh.volume for mesh in self.regions.values())
        yield "conforming: volumes added up, against the union", f"{total:.3f} ({100 * (total / union - 1):+.6f} %)"
        enclosed, partners = share_of_partners(self.regions)
        yield (
            "conforming: what no two regions share encloses, against the sum",
            f"{100 * (enclosed / total - 1):+.6f} %",
        )
        yield "conforming: interface triangles shared by exactly two", f"{100 * partners:.2f} %"

    def _meetings(self, name: str, wall: str) -> np.ndarray:
        one, other = self.mesh[name].triangles, self.mesh[wall].triangles
        return one[np.unique(crossing_pairs(one, other)[:, 0])].mean(axis=1)

    def _gap_away(self, wall: str, spots: dict[str, np.ndarray]) -> str:
        gaps = []
        for name, places in spots.items():
            points = self.mesh[name].vertices
            if len(places):
                centre, reach = places.mean(axis=0), np.linalg.norm(places - places.mean(axis=0), axis=1).max() + 1.0
                points = points[np.linalg.norm(points - centre, axis=1) > reach]
            gaps.append((distances(self.poly[wall], points).min(), name))
        return f"{min(gaps)[0]:.4f} ({min(gaps)[1]})" if gaps else "none"

    def _topology_rows(self):
        meshes = self.mesh
        yield (
            "watertight, wound outwards, one component",
            str(
                all(
                    m.is_watertight and m.is_winding_consistent and m.volume > 0 and m.body_count == 1
                    for m in meshes.values()
                )
            ),
        )
        own = {name: len(crossing_pairs(m.triangles, shared=m.faces)) for name, m in meshes.items()}
        yield "self-intersecting triangles", f"{sum(own.values())} {[k for k, v in own.items() if v] or ''}"
        if "csf" in meshes:
            rest = self.solid["dura"]
            for name in ("cord", *self.tubes):
                rest = rest - self.solid[name] if name in self.solid else rest
            yield (
                "csf: volume mm3, against dura minus cord minus roots",
                (f"{meshes['csf'].volume:.1f} ({100 * (meshes['csf'].volume / rest.volume() - 1):+.4f} %)"),
            )
        yield from self._triangle_rows()

    def _triangle_rows(self):
        meshes = self.mesh
        yield "triangles in all", str(sum(len(m.faces) for m in meshes.values()))
        quality = {name: triangle_quality(m) for name, m in meshes.items()}
        yield (
            "triangle quality (2r/R) median / p5, all",
            "{:.2f} / {:.2f}".format(*np.percentile(np.concatenate(list(quality.values())), [50, 5])),
        )
        worst = min(quality, key=lambda name: np.percentile(quality[name], 5))
        yield "triangle quality p5 of the worst part", f"{np.percentile(quality[worst], 5):.2f} ({worst})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
