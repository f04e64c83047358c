"""From a mesh to what each contact excites: a proof that the files can be solved on, and a beginning of your own.

    pip install 'spineroot[simulate]'
    python solve.py MESH/sub-03_mesh.vtu MESH/sub-03_regions.tsv FIBRES/sub-03_fibres.csv OUT

In a mesh with a lead (``spineroot mesh --lead``) it takes the lead's contacts one after the other, with ground at the
outside of the back; a mesh with surroundings takes no other contacts. In a mesh without surroundings it places contacts
on the back of the dura, three abreast at the level of each pair of roots (or those of ``--contacts FILE.csv`` with the
columns name, x, y, z). It computes what potential 1 mA makes along each fibre, the activating function (Rattay 1986:
the second difference of the potential along a fibre), and which root each contact recruits first.

Without surroundings two things stand in for what the mesh lacks: around the dura the field leaks to ground through a
layer that conducts as fat does (``LEAK_S_PER_M2``), and the cord is white matter throughout. Numbers compare contacts;
they are no thresholds.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersCore import vtkProbeFilter
from vtkmodules.vtkIOXML import vtkXMLUnstructuredGridReader

# numbers of regions, as in the table of regions
CORD, CSF, BACK, FIRST_ROOT, FIRST_CONTACT = 1, 2, 6, 10, 200
# epidural fat of 0.04 S/m, 5 mm thick, by eye; and at the outside of the back, where ground is
LEAK_S_PER_M2, GROUND_S_PER_M2 = 8.0, 1e5
# metal and silicone conduct so much in the matrix: the one far better than tissue, the other far worse
METAL_S_PER_M, INSULATOR_S_PER_M = 100.0, 1e-5
# current goes in through the outer triangles within this of a contact's middle
CONTACT_RADIUS_MM = 1.5
# contacts lie abreast at these places beside the middle; positive is the left of the body
ABREAST_MM = {"left": 4.0, "middle": 0.0, "right": -4.0}
# half the distance between nodes of Ranvier over which second differences are taken, and what smooths the potential
# before: it is linear within tetrahedra, so that it kinks from one to the next
NODE_MM, SMOOTHING_MM = 1.0, 1.5
# a root is recruited where it is excited outside the cord, or so far within it
ENTRY_MM = 2.0
TOLERANCE = 1e-8


def read_mesh(path):
    """VTK's grid, points (n, 3) LPS mm, tetrahedra (m, 4), the region of each."""
    reader = vtkXMLUnstructuredGridReader()
    reader.SetFileName(str(path))
    reader.Update()
    grid = reader.GetOutput()
    tetrahedra = vtk_to_numpy(grid.GetCells().GetConnectivityArray()).reshape(-1, 4)
    region = vtk_to_numpy(grid.GetCellData().GetArray("region"))
    return grid, vtk_to_numpy(grid.GetPoints().GetData()), tetrahedra.astype(np.int64), region


def read_conductivities(path):
    """Along and across the fibres, S/m, by the region's number."""
    with Path(path).open(encoding="utf-8") as stream:
        rows = csv.DictReader(stream, delimiter="\t")
        return {int(row["index"]): (float(row["along_S_per_m"]), float(row["across_S_per_m"])) for row in rows}


def read_fibres(path):
    """By root: points (n, 3), length along (n,), tangents (n, 3), regions (n,)."""
    by_root = {}
    with Path(path).open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            by_root.setdefault(row["root"], []).append(row)
    columns = (["x", "y", "z"], ["arc_length_mm"], ["tangent_x", "tangent_y", "tangent_z"], ["region"])
    return {
        root: tuple(np.squeeze(np.array([[float(row[name]) for name in names] for row in rows])) for names in columns)
        for root, rows in by_root.items()
    }


def conductivity(points, tetrahedra, region, table, fibres):
    """The tensor in each tetrahedron, (m, 3, 3) S/m: along the nearest fibre in roots, along its length in the cord."""
    middles = points[tetrahedra].mean(axis=1)
    direction = np.zeros_like(middles)
    direction[:, 2] = 1.0
    cord = middles[region == CORD]
    if len(cord):
        direction[region == CORD] = np.linalg.svd(cord[:: 1 + len(cord) // 2000] - cord.mean(axis=0))[2][0]
    roots = (region >= FIRST_ROOT) & (region < FIRST_CONTACT)
    if roots.any():
        places, tangents = (np.concatenate([each[rank] for each in fibres.values()]) for rank in (0, 2))
        direction[roots] = tangents[cKDTree(places).query(middles[roots])[1]]
    along, across = np.array([table.get(number, (0.0, 0.0)) for number in range(region.max() + 1)])[region].T
    along, across = (np.clip(each, INSULATOR_S_PER_M, METAL_S_PER_M) for each in (along, across))
    outer = direction[:, :, None] * direction[:, None, :]
    return across[:, None, None] * np.eye(3) + (along - across)[:, None, None] * outer


def stiffness(points, tetrahedra, sigma):
    """The matrix of div(sigma grad), (n, n) siemens, and scikit-fem's mesh."""
    from skfem import Basis, BilinearForm, ElementTetP1, MeshTet
    from skfem.helpers import dot, grad, mul

    mesh = MeshTet(np.ascontiguousarray(points.T), np.ascontiguousarray(tetrahedra.T), sort_t=False)
    per_element = np.ascontiguousarray(sigma.transpose(1, 2, 0))[..., None]
    form = BilinearForm(lambda u, v, w: dot(mul(w.sigma, grad(u)), grad(v)))
    basis = Basis(mesh, ElementTetP1(), intorder=0)
    # mm2 over mm of S/m
    return 1e-3 * form.assemble(basis, sigma=per_element + 0 * basis.dx[None, None]), mesh


def outer_areas(points, tetrahedra, region):
    """The outermost triangles (k, 3), their areas (k,) mm2, and the regions behind them."""
    faces = tetrahedra[:, [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]].reshape(-1, 3)
    _, first, often = np.unique(np.sort(faces, axis=1), axis=0, return_index=True, return_counts=True)
    outer = faces[first[often == 1]]
    a, b, c = points[outer].transpose(1, 0, 2)
    return outer, np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2, region[first[often == 1] // 4]


class Conductor:
    """A volume conductor: matrix, solver, and what of its outside current can go in through."""

    def __init__(self, points, tetrahedra, region, sigma):
        import pyamg

        self.points = points
        matrix, _ = stiffness(points, tetrahedra, sigma)
        self.triangles, self.areas, behind = outer_areas(points, tetrahedra, region)
        self.of_sac = behind == CSF
        self.tetrahedra, self.region = tetrahedra, region
        per_m2 = GROUND_S_PER_M2 if (region == BACK).any() else LEAK_S_PER_M2
        leak = 1e-6 * per_m2 * self._spread(self.areas)
        matrix = matrix.tocsr()
        matrix.setdiag(matrix.diagonal() + leak)
        self.solver = pyamg.smoothed_aggregation_solver(matrix)
        self.iterations = []

    def _spread(self, per_triangle):
        """What triangles have, a third for each of their corners."""
        return np.bincount(self.triangles.ravel(), np.repeat(per_triangle / 3, 3), minlength=len(self.points))

    def lead_field(self, place, milliamperes=1.0):
        """The potential at all points, (n,) mV, when a current enters by a contact at a place."""
        middles = self.points[self.triangles].mean(axis=1)
        near = (np.linalg.norm(middles - place, axis=1) < CONTACT_RADIUS_MM) & self.of_sac
        if not near.any():
            near[np.argmin(np.where(self.of_sac, np.linalg.norm(middles - place, axis=1), np.inf))] = True
        return self.solved(self._spread(np.where(near, self.areas, 0.0) / self.areas[near].sum()) * milliamperes)

    def field_of_contact(self, number, milliamperes=1.0):
        """The potential at all points, (n,) mV, when a current enters by the metal of a contact."""
        own = np.unique(self.tetrahedra[self.region == number])
        load = np.zeros(len(self.points))
        load[own] = milliamperes / len(own)
        return self.solved(load)

    def solved(self, load):
        """The potential, (n,) mV, that currents into the points, (n,) mA, make."""
        residuals = []
        found = self.solver.solve(load, tol=TOLERANCE, accel="cg", maxiter=300, residuals=residuals)
        self.iterations.append(len(residuals) - 1)
        return found


def contacts_of_lead(conductor):
    """By name, ``contact_1``, the middle of each contact in the mesh and the number of its region."""
    found = {}
    for number in np.unique(conductor.region[conductor.region >= FIRST_CONTACT]).tolist():
        own = np.unique(conductor.tetrahedra[conductor.region == number])
        found[f"contact_{number - FIRST_CONTACT + 1}"] = conductor.points[own].mean(axis=0), number
    return found


def own_contacts(conductor, fibres):
    """By name, ``L1-left``, places on the back of the dura at the level where each pair of roots leaves the cord."""
    corners = np.unique(conductor.triangles[conductor.of_sac])
    dura = conductor.points[corners]
    pairs = {}
    for root, (places, *_) in fibres.items():
        pairs.setdefault(root.partition("_")[0], []).append(places[0])
    found = {}
    for level, starts in pairs.items():
        middle = np.mean(starts, axis=0)
        for name, beside in ABREAST_MM.items():
            off = np.abs(dura[:, [0, 2]] - (middle[[0, 2]] + [beside, 0.0])).max(axis=1)
            near = dura[off <= max(1.0, off.min() + 1e-6)]
            found[f"{level}-{name}"] = near[np.argmax(near[:, 1])]
    return found


def along_fibres(grid, potential, fibres):
    """By root: length along, mm, and potential, mV, at those points of its fibre that lie in the mesh."""
    array = numpy_to_vtk(np.ascontiguousarray(potential), deep=True)
    array.SetName("potential")
    grid.GetPointData().AddArray(array)
    found = {}
    for root, (places, along, _, region) in fibres.items():
        points, data, probe = vtkPoints(), vtkPolyData(), vtkProbeFilter()
        points.SetData(numpy_to_vtk(np.ascontiguousarray(places[region > 0]), deep=True))
        data.SetPoints(points)
        probe.SetInputData(data)
        probe.SetSourceData(grid)
        probe.Update()
        here = vtk_to_numpy(probe.GetOutput().GetPointData().GetArray("vtkValidPointMask")) > 0
        values = vtk_to_numpy(probe.GetOutput().GetPointData().GetArray("potential"))
        found[root] = along[region > 0][here], values[here]
    return found


def activating(along, potential):
    """The activating function of a cathode, (n,) mV/mm2: what is above zero depolarises."""
    step = along[1] - along[0]
    smooth = gaussian_filter1d(potential, SMOOTHING_MM / step, mode="nearest")
    reach = max(1, round(NODE_MM / step))
    found = np.zeros(len(smooth))
    # of a cathode the potential is the negative
    second = smooth[2 * reach :] - 2 * smooth[reach:-reach] + smooth[: -2 * reach]
    found[reach:-reach] = -second / (reach * step) ** 2
    return found


def recruitment(strengths):
    """Roots from the first recruited on, each with its current relative to the first, and the selectivity index.

    Strengths are the largest activating functions by root; the index is 0 where the first two are alike, 1 where the
    second is not recruited at all.
    """
    order = sorted(strengths, key=lambda root: -strengths[root])
    best = strengths[order[0]]
    relative = [(root, best / strengths[root] if strengths[root] > 0 else np.inf) for root in order]
    return relative, 1.0 - (1.0 / relative[1][1] if len(relative) > 1 else 0.0)


def draw(path, strengths):
    """A picture of how strongly each contact acts on each root, relative to the root that it recruits first."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    contacts, roots = list(strengths), list(next(iter(strengths.values())))
    values = np.array([[strengths[contact][root] for root in roots] for contact in contacts])
    figure, axes = pyplot.subplots(figsize=(1 + 0.45 * len(roots), 1 + 0.3 * len(contacts)), layout="constrained")
    image = axes.imshow(values / values.max(axis=1, keepdims=True), vmin=0, vmax=1, cmap="viridis", aspect="auto")
    axes.set_xticks(range(len(roots)), roots, rotation=90)
    axes.set_yticks(range(len(contacts)), contacts)
    axes.set_xlabel("root")
    axes.set_ylabel("contact")
    figure.colorbar(image, label="activating function, relative to the root recruited first")
    figure.savefig(path, dpi=150)
    pyplot.close(figure)


def refusal(region, own):
    """Why no current can be let into a mesh, or None: the dura lies bare only without surroundings.

    `own` tells whether the contacts are places on the dura that a user named.
    """
    if (region == BACK).any():
        if not (region >= FIRST_CONTACT).any():
            return "has surroundings and no lead: make it with --lead, or without --surroundings"
        if own:
            return "has a lead, whose contacts carry the current: --contacts needs a mesh without surroundings"
    return None


def main():
    """Reads, solves for each contact, writes what comes of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("mesh", "regions", "fibres", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--contacts", type=Path, help="CSV with the columns name, x, y, z (LPS mm)")
    options = parser.parse_args()
    grid, points, tetrahedra, region = read_mesh(options.mesh)
    if why := refusal(region, options.contacts is not None):
        parser.error(f"{options.mesh} {why}")
    fibres = read_fibres(options.fibres)
    sigma = conductivity(points, tetrahedra, region, read_conductivities(options.regions), fibres)
    conductor = Conductor(points, tetrahedra, region, sigma)
    contacts = contacts_of_lead(conductor)
    if options.contacts is not None:
        with options.contacts.open(encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        contacts = {row["name"]: (np.array([float(row[axis]) for axis in "xyz"]), None) for row in rows}
    elif not contacts:
        contacts = {name: (place, None) for name, place in own_contacts(conductor, fibres).items()}
    options.out.mkdir(parents=True, exist_ok=True)
    strengths, fields, orders = {}, [], []
    for name, (place, number) in contacts.items():
        field = conductor.lead_field(place) if number is None else conductor.field_of_contact(number)
        found = along_fibres(grid, field, fibres)
        acting = {root: activating(*values) for root, values in found.items()}
        strengths[name] = {root: float(acting[root][along >= -ENTRY_MM].max()) for root, (along, _) in found.items()}
        for root, (along, potential) in found.items():
            fields += [
                [name, root, *row] for row in np.column_stack([along, potential, acting[root]]).round(6).tolist()
            ]
        relative, index = recruitment(strengths[name])
        orders.append([name, *place.round(3).tolist(), round(index, 4), " ".join(f"{r}={t:.3f}" for r, t in relative)])
        print(f"{name}: {' < '.join(root for root, _ in relative[:4])}; selectivity {index:.2f}")
    write(options.out / "lead_fields.csv", ["contact", "root", "along_mm", "potential_mV", "activating_mV_mm2"], fields)
    write(options.out / "recruitment.csv", ["contact", "x", "y", "z", "selectivity", "currents"], orders)
    draw(options.out / "recruitment.png", strengths)
    print(f"{max(conductor.iterations)} iterations of conjugate gradients at most; written to {options.out}")


def write(path, columns, rows):
    """A CSV file."""
    with Path(path).open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([columns, *rows])


if __name__ == "__main__":
    main()
