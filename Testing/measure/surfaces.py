"""Measures the surfaces of one subject with tools of their own: files, VTK's spline and locator, trimesh, manifold3d.

    python Testing/measure/surfaces.py MARKERS 03 [options of spineroot model]

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
import trimesh
from crossings import clusters, crossing_pairs
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonComputationalGeometry import vtkCardinalSpline
from vtkmodules.vtkCommonCore import reference
from vtkmodules.vtkCommonDataModel import vtkStaticCellLocator
from vtkmodules.vtkIOXML import vtkXMLPolyDataReader

ROOT = Path(__file__).resolve().parents[2]
_LPS = np.array([-1.0, -1.0, 1.0])


def main(arguments: list[str]) -> int:
    """Print the table."""
    markers, subject, *options = arguments
    folder = Path(tempfile.mkdtemp(prefix="surfaces-"))
    costs = [run(Path(markers), subject, folder / f"run-{index}", options) for index in range(3)]
    table = Measures(Path(markers), subject, folder / "run-0")
    for name, value in (*table.rows(), *cost_rows(costs), same_bytes(folder)):
        print(f"{name:58} {value}")
    return 0


def run(markers: Path, subject: str, out: Path, options: list[str]) -> tuple[float, float, float]:
    """Wall and CPU seconds and peak MB of one process."""
    command = [sys.executable, "-m", "SpineRootLib", "model", str(markers), "--subject", subject, "--out", str(out)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "SpineRootAnnotator")}
    start = time.perf_counter()
    process = os.spawnve(os.P_NOWAIT, sys.executable, [*command, *options], environment)
    _, status, usage = os.wait4(process, 0)
    if status:
        raise SystemExit(f"spineroot model failed on {markers}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def cost_rows(costs: list[tuple[float, float, float]]) -> list[tuple[str, str]]:
    """The medians of the runs."""
    wall, cpu, peak = (statistics.median(column) for column in zip(*costs, strict=True))
    return [("process: wall s / CPU s / peak MB", f"{wall:.2f} / {cpu:.2f} / {peak:.0f}")]


def same_bytes(folder: Path) -> tuple[str, str]:
    """Whether the runs wrote the same surfaces to the last bit."""
    sums = [
        {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in run.glob("*.vtp")}
        for run in sorted(folder.iterdir())
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
        self.poly = {path.stem.split("_", 1)[1]: read_vtp(path) for path in sorted(out.glob("*.vtp"))}
        self.mesh = {name: as_trimesh(poly) for name, poly in self.poly.items()}
        self.solid = {name: as_manifold(mesh) for name, mesh in self.mesh.items()}
        self.tubes = [name for name in self.mesh if name.startswith("nerveroots")]

    def _take(self, path: Path) -> None:
        match = re.fullmatch(r"sub[-_][^_]+_(dura|cord|nerveroots|ganglions)_(\w+?)(\.mrk)?\.json", path.name)
        if match is None:
            return
        markup = json.loads(path.read_text())["markups"][0]
        points = np.array([point["position"] for point in markup["controlPoints"]], dtype=float)
        points = points * (_LPS if markup.get("coordinateSystem", "LPS") in ("LPS", "1", 1) else 1)
        if match[1] in self.contours:
            self.contours[match[1]].append(points)
        else:
            (self.roots if match[1] == "nerveroots" else self.ganglia)[match[2]] = points

    def rows(self):
        """Name and value of each line."""
        for name in ("dura", "cord"):
            if name in self.mesh:
                yield from self._wall_rows(name)
        yield from self._root_rows()
        yield from self._clearance_rows()
        yield from self._topology_rows()
        yield "computing s (the report's own stages)", f"{self.seconds:.2f}"

    def _wall_rows(self, name: str):
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
        yield "triangles in all", str(sum(len(m.faces) for m in meshes.values()))
        quality = {name: triangle_quality(m) for name, m in meshes.items()}
        yield (
            "triangle quality (2r/R) median / p5, all",
            "{:.2f} / {:.2f}".format(*np.percentile(np.concatenate(list(quality.values())), [50, 5])),
        )
        worst = min(quality, key=lambda name: np.percentile(quality[name], 5))
        yield "triangle quality p5 of the worst part", f"{np.percentile(quality[worst], 5):.2f} ({worst})"


def read_vtp(path: Path):
    """The polygons of a file as they stand, in LPS."""
    reader = vtkXMLPolyDataReader()
    reader.SetFileName(str(path))
    reader.Update()
    return reader.GetOutput()


def as_trimesh(poly) -> trimesh.Trimesh:
    """In RAS."""
    vertices = vtk_to_numpy(poly.GetPoints().GetData()) * _LPS
    faces = vtk_to_numpy(poly.GetPolys().GetConnectivityArray()).reshape(-1, 3)
    return trimesh.Trimesh(vertices, faces, process=False)


def as_manifold(mesh: trimesh.Trimesh) -> manifold3d.Manifold:
    """The solid of a closed mesh."""
    return manifold3d.Manifold(
        manifold3d.Mesh64(np.ascontiguousarray(mesh.vertices), np.ascontiguousarray(mesh.faces, dtype=np.uint64))
    )


def is_closed_piece(mesh: trimesh.Trimesh) -> bool:
    """Watertight, wound outwards, in one piece."""
    return mesh.is_watertight and mesh.is_winding_consistent and mesh.volume > 0 and mesh.body_count == 1


def distances(poly, points: np.ndarray) -> np.ndarray:
    """Distance of RAS points to a surface, mm."""
    locator = vtkStaticCellLocator()
    locator.SetDataSet(poly)
    locator.BuildLocator()
    place, cell, sub, squared = [0.0] * 3, reference(0), reference(0), reference(0.0)
    found = np.empty(len(points))
    for index, point in enumerate(points * _LPS):
        locator.FindClosestPoint(point, place, cell, sub, squared)
        found[index] = float(squared)
    return np.sqrt(found)


def drawn_volume(contours: list[np.ndarray]) -> float:
    """Trapezoid over the areas inside VTK's closed cardinal splines, one contour a slice."""
    normal = slice_normal(contours)
    areas = sorted((float(contour.mean(axis=0) @ normal), curve_area(contour, normal)) for contour in contours)
    depth, area = np.array(areas).T
    return float(np.sum(np.diff(depth) * (area[1:] + area[:-1]) / 2))


def slice_normal(contours: list[np.ndarray]) -> np.ndarray:
    """The unit normal of the slices, towards the head."""
    pooled = np.concatenate([contour - contour.mean(axis=0) for contour in contours])
    normal = np.linalg.svd(pooled, full_matrices=False)[2][2]
    return normal * np.sign(normal[2])


def curve_area(contour: np.ndarray, normal: np.ndarray) -> float:
    """Area inside the closed cardinal spline through control points."""
    curve = np.empty((20 * len(contour), 3))
    for axis in range(3):
        spline = vtkCardinalSpline()
        spline.ClosedOn()
        for index, value in enumerate(contour[:, axis]):
            spline.AddPoint(index, value)
        spline.SetParametricRange(0, len(contour))
        curve[:, axis] = [spline.Evaluate(k / 20) for k in range(len(curve))]
    curve -= curve.mean(axis=0)
    return abs(float(np.cross(curve, np.roll(curve, -1, axis=0)).sum(axis=0) @ normal)) / 2


def to_polyline(points: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Distance of points to a polyline."""
    step = np.diff(line, axis=0)
    relative = points[:, None] - line[:-1]
    along = np.clip(np.einsum("nkd,kd->nk", relative, step) / np.einsum("kd,kd->k", step, step), 0, 1)
    return np.linalg.norm(relative - along[..., None] * step, axis=2).min(axis=1)


def triangle_quality(mesh: trimesh.Trimesh) -> np.ndarray:
    """Twice the inscribed over the circumscribed radius: 1 for an equilateral triangle."""
    edges = np.linalg.norm(np.roll(mesh.triangles, -1, axis=1) - mesh.triangles, axis=2)
    return 16 * mesh.area_faces**2 / np.maximum(edges.prod(axis=1) * edges.sum(axis=1), 1e-30)


def triple(values: np.ndarray) -> str:
    """Mean, 95th percentile, maximum."""
    return f"{values.mean():.3f} / {np.percentile(values, 95):.3f} / {values.max():.3f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
