"""What is measured of a subject's written surfaces, beside its markups, as numbers."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path

import manifold3d
import numpy as np
from crossings import crossing_pairs
from shapes import (
    LPS,
    as_manifold,
    as_trimesh,
    distances,
    drawn_volume,
    is_closed_piece,
    pieces,
    read_vtp,
    share_of_partners,
    slice_normal,
    to_polyline,
    triangle_quality,
)

Numbers = dict[str, float]
# A first point this near to the cord lies at it: a root's own width.
_AT_CORD_MM = 1.0
# What any two surfaces keep between them.
_CLEARANCE_MM = 0.05


class Measures:
    """The written surfaces of a subject beside its markups."""

    def __init__(self, markers: Path, subject: str, out: Path) -> None:
        source = markers / f"sub-{subject}" if (markers / f"sub-{subject}").is_dir() else markers
        self.report = json.loads((out / f"sub-{subject}_model.json").read_text())
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
        self.walls = [name for name in ("dura", "cord") if name in self.mesh]

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

    def numbers(self) -> Numbers:
        """All but those of the conforming regions."""
        return {**self.contour_numbers(), **self._roots(), **self._clearances(), **self._topology()}

    def contour_numbers(self) -> Numbers:
        """How dura and cord keep to the contours."""
        found: Numbers = {}
        for name in self.walls:
            away = distances(self.poly[name], np.concatenate(self.contours[name]))
            volume = self.mesh[name].volume / drawn_volume(self.contours[name]) - 1
            found |= {f"{name}_mean": away.mean(), f"{name}_max": away.max(), f"{name}_volume": 100 * abs(volume)}
        return found

    def _roots(self) -> Numbers:
        told = self.report["roots"]
        centre = {name: np.array(root["centreline_ras"]) for name, root in told.items()}
        away = np.concatenate([to_polyline(self.roots[name], line) for name, line in centre.items()])
        ends = [np.linalg.norm(centre[name][-1] - point[0]) for name, point in self.ganglia.items() if name in centre]
        starts = {name: line[0] for name, line in centre.items() if told[name]["emergence"]}
        found = {
            "root_mean": away.mean(),
            "root_p95": np.percentile(away, 95),
            "root_max": away.max(),
            "root_free_max": max(root["points"]["before_clearing"]["max_mm"] for root in told.values()),
            "root_free_mean": self.report["points"]["before_clearing"]["mean_mm"],
            "root_free_p95": self.report["points"]["before_clearing"]["p95_mm"],
            "joined": max((told[name]["emergence"]["joined_mm"] for name in starts), default=0.0),
            "root_beyond": float((away > 0.35).sum()),
            "root_points": float(len(away)),
            "moved": max(root["moved"]["max_mm"] for root in told.values()),
            "ganglion": max(ends, default=0.0),
            "unjoined": float(len(centre) - len(starts)),
            "conflicts": float(len(self.report["conflicts"])),
        }
        if starts and "cord" in self.poly:
            normal = slice_normal(self.contours["dura"] or self.contours["cord"])
            first = {name: self.roots[name][np.argmax(self.roots[name] @ normal)] for name in starts}
            away = distances(self.poly["cord"], np.array(list(first.values())))
            level = np.array([abs((first[name] - start) @ normal) for name, start in starts.items()])
            found |= {
                "start": distances(self.poly["cord"], np.array(list(starts.values()))).max(),
                "level": level[away <= _AT_CORD_MM].max(initial=0.0),
            }
        return found

    def _clearances(self) -> Numbers:
        pairs = {
            (one, other): self.solid[one].min_gap(self.solid[other], 3.0) for one, other in combinations(self.tubes, 2)
        }
        found = {"root_root": min(pairs.values(), default=3.0)}
        if len(self.walls) == 2:
            outside = manifold3d.Manifold.cube([400, 400, 1200], True).translate(self.mesh["dura"].centroid)
            found["dura_cord"] = (outside - self.solid["dura"]).min_gap(self.solid["cord"], 5.0)
        broken = {pair for pair, gap in pairs.items() if gap < _CLEARANCE_MM}
        for wall in self.walls:
            gaps = {name: self._gap_away(name, wall) for name in self.tubes}
            inside = {name: pieces(self.solid[name] ^ self.solid[wall]) for name in self.tubes}
            outside = {name: pieces(self.solid[name] - self.solid[wall]) for name in self.tubes}
            more = {name for name in self.tubes if inside[name] > 1 or outside[name] > 1}
            broken |= {(wall, name) for name, gap in gaps.items() if gap < _CLEARANCE_MM or name in more}
            found |= {
                f"passes_{wall}_more": float(len(more)),
                f"passes_{wall}_none": float(sum(not (inside[name] and outside[name]) for name in self.tubes)),
                f"root_{wall}": min(gaps.values(), default=3.0),
            }
        named = {frozenset(conflict["between"]) for conflict in self.report["conflicts"]}
        return {**found, "unnamed": float(sum(frozenset(pair) not in named for pair in broken))}

    def _meetings(self, name: str, wall: str) -> np.ndarray:
        one, other = self.mesh[name].triangles, self.mesh[wall].triangles
        return one[np.unique(crossing_pairs(one, other)[:, 0])].mean(axis=1)

    def _gap_away(self, name: str, wall: str) -> float:
        """From a root's surface to a wall, farther than 1 mm from where the root passes it."""
        points, places = self.mesh[name].vertices, self._meetings(name, wall)
        if len(places):
            centre = places.mean(axis=0)
            reach = np.linalg.norm(places - centre, axis=1).max() + 1.0
            points = points[np.linalg.norm(points - centre, axis=1) > reach]
        return float(distances(self.poly[wall], points).min(initial=3.0))

    def _topology(self) -> Numbers:
        meshes = self.mesh
        quality = np.concatenate([triangle_quality(mesh) for mesh in meshes.values()])
        found = {
            "not_closed": float(sum(not is_closed_piece(mesh) for mesh in meshes.values())),
            "self_crossing": float(sum(len(crossing_pairs(m.triangles, shared=m.faces)) for m in meshes.values())),
            "triangles": float(sum(len(mesh.faces) for mesh in meshes.values())),
            "quality": np.percentile(quality, 5),
        }
        if "csf" in meshes:
            rest = self.solid["dura"]
            for name in ("cord", *self.tubes):
                rest = rest - self.solid[name] if name in self.solid else rest
            found["csf"] = 100 * abs(meshes["csf"].volume / rest.volume() - 1)
        return found

    def region_numbers(self) -> Numbers:
        """Whether the conforming regions fill space and share their interfaces."""
        parts = [solid for name, solid in self.solid.items() if name != "csf"]
        union = manifold3d.Manifold.batch_boolean(parts, manifold3d.OpType.Add).volume()
        total = sum(mesh.volume for mesh in self.regions.values())
        enclosed, partners = share_of_partners(self.regions)
        return {
            "regions": float(len(self.regions)),
            "regions_open": float(sum(not (m.is_watertight and m.volume > 0) for m in self.regions.values())),
            "regions_sum": 100 * abs(total / union - 1),
            "regions_gap": 100 * abs(enclosed / total - 1),
            "regions_unshared": 100 * (1 - partners),
        }
