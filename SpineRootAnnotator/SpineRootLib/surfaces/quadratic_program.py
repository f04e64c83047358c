"""Solves the quadratic program behind the centrelines: smooth curves near the points, subject to linear constraints.

Minimise ``x.T H x / 2 - r.T x`` subject to ``G x >= b``, H banded and the same along each axis, each row of G one
direction at up to four nodes. Constraints are elastic: each pushes with at most its own force (an exact penalty), so
that what cannot be met gives way instead of bending everything else. Solved in the forces, which is a least-squares
problem with bounds, by an active-set method (Lawson and Hanson, 1974; Stark and Parker, 1995) that frees bounds by the
block and begins where the last solution ended.

It is written by hand because solvers off the shelf were slower on the same problems: SciPy's bounded least squares
(``lsq_linear``) 30 times, quadprog 10 times, DAQP 2 to 3 times. The forces of the last program nearly solve the next
one, and the roots that touch fall into small groups.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solveh_banded
from scipy.linalg.lapack import dposv
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from SpineRootLib.frames import Points
from SpineRootLib.surfaces.root_settings import SolverSettings


@dataclass(frozen=True, eq=False)
class Constraints:
    """Rows ``direction . (weights @ nodes[where]) >= bound``.

    Parameters
    ----------
    where, weights : (k, 4) nodes and their weights, 0 where fewer are needed.
    direction : (k, 3) unit vectors.
    bound : (k,) mm.
    least, most : (k,) forces; a least below 0 makes an equation.
    key : (k,) what the rows are known by from one program to the next, no two alike.
    """

    where: NDArray[np.int64]
    weights: NDArray[np.float64]
    direction: NDArray[np.float64]
    bound: NDArray[np.float64]
    least: NDArray[np.float64]
    most: NDArray[np.float64]
    key: NDArray[np.int64]

    def values(self, nodes: Points) -> NDArray[np.float64]:
        """The left sides, (k,), at nodes (n, 3)."""
        return np.asarray(np.einsum("kj,kjd,kd->k", self.weights, nodes[self.where], self.direction))

    def chosen(self, which: NDArray[np.bool_]) -> Constraints:
        """The rows marked."""
        return Constraints(*(getattr(self, each.name)[which] for each in fields(self)))

    def coefficients(self, nodes: int) -> csr_matrix:
        """The weights as a matrix, (k, nodes)."""
        ends = self.where.shape[1] * np.arange(len(self.bound) + 1)
        return csr_matrix((self.weights.ravel(), self.where.ravel(), ends), shape=(len(self.bound), nodes))


def all_of(parts: list[Constraints]) -> Constraints:
    """All rows in one."""
    return Constraints(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Constraints)))


@dataclass(frozen=True, eq=False)
class Forces:
    """How hard each row, by its key, pushed; `free` ones lay between their bounds."""

    key: NDArray[np.int64]
    force: NDArray[np.float64]
    free: NDArray[np.bool_]

    def of(self, key: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Force and freedom of rows, (k,); none for rows that were not there."""
        if not len(self.key):
            return np.zeros(len(key)), np.zeros(len(key), dtype=bool)
        place = np.minimum(np.searchsorted(self.key, key), len(self.key) - 1)
        known = self.key[place] == key
        return np.where(known, self.force[place], 0.0), known & self.free[place]


NO_FORCES = Forces(np.empty(0, np.int64), np.empty(0), np.empty(0, bool))


def solve(
    inverse: csr_matrix, right: Points, constraints: Constraints, now: Points, last: Forces, settings: SolverSettings
) -> tuple[Points, Forces]:
    """The nodes, (n, 3), and the forces that hold them there.

    Parameters
    ----------
    inverse : (n, n) of H.
    right : (n, 3) r.
    now, last : (n, 3) nodes and forces of a similar program, to begin with.
    """
    free = inverse @ right
    nodes, forces = now, last
    working = (last.of(constraints.key)[0] != 0) | (constraints.least < 0)
    for _ in range(settings.working_sets):
        missing = constraints.bound - constraints.values(nodes)
        working |= missing > -settings.idle_mm
        if working.sum() > settings.most_rows:
            missing[constraints.least < 0] = np.inf
            working &= missing >= np.sort(missing[working])[-settings.most_rows]
        rows = constraints.chosen(working)
        coefficients = rows.coefficients(len(free))
        found, between = _balanced(rows, coefficients, inverse, rows.bound - rows.values(free), forces, settings)
        order = np.argsort(rows.key)
        forces = Forces(rows.key[order], found[order], between[order])
        nodes = free + inverse @ (coefficients.T @ (found[:, None] * rows.direction))
        if not np.any(~working & (constraints.values(nodes) < constraints.bound)):
            break
    return nodes, forces


def _balanced(
    rows: Constraints,
    coefficients: csr_matrix,
    inverse: csr_matrix,
    missing: NDArray[np.float64],
    last: Forces,
    settings: SolverSettings,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The forces of rows that lack so much, (k,) mm, without them; and which lie between their bounds."""
    begin, free = last.of(rows.key)
    found, between = np.empty(len(missing)), np.empty(len(missing), dtype=bool)
    for own in _separate(rows, inverse):
        several = coefficients[own]
        compliance = several @ (several @ inverse).toarray().T
        compliance *= rows.direction[own] @ rows.direction[own].T
        compliance[np.diag_indices_from(compliance)] += 1.0 / settings.firmness
        found[own], between[own] = bounded_forces(
            compliance, missing[own], rows.least[own], rows.most[own], begin[own], free[own], settings
        )
    return found, between


def block_inverse(bands: NDArray[np.float64], first: NDArray[np.int64]) -> csr_matrix:
    """The inverse, (n, n), of a symmetric banded matrix of blocks that do not touch each other.

    Parameters
    ----------
    bands : (b, n) its lower bands.
    first : the first row of each block, and n.
    """
    sizes = np.diff(first)
    begin, size = np.repeat(first[:-1], sizes), np.repeat(sizes, sizes)
    row, column = np.arange(first[-1]), np.arange(sizes.max())
    units = np.zeros((len(row), len(column)))
    units[row, row - begin] = 1.0
    own = column < size[:, None]
    values = solveh_banded(bands, units, lower=True, overwrite_b=True, check_finite=False)[own]
    ends = np.concatenate([[0], np.cumsum(size)])
    return csr_matrix((values, (begin[:, None] + column)[own], ends), shape=(len(row), len(row)))


def _separate(rows: Constraints, inverse: csr_matrix) -> list[NDArray[np.int64]]:
    """The rows by groups that share no block: small systems, each on one thread."""
    begin = inverse.indices[inverse.indptr[:-1]]
    if not begin[-1]:
        return [np.arange(len(rows.bound))]
    block = np.unique(begin, return_inverse=True)[1]
    touched = block[np.where(rows.weights != 0, rows.where, rows.where[:, :1])]
    pairs = np.repeat(touched[:, 0], touched.shape[1]), touched.ravel()
    count = int(block.max()) + 1
    graph = csr_matrix((np.ones(touched.size), pairs), shape=(count, count))
    number, part = connected_components(graph, directed=False)
    group = part[touched[:, 0]]
    return [own for own in (np.flatnonzero(group == each) for each in range(number)) if len(own)]


def bounded_forces(
    compliance: NDArray[np.float64],
    missing: NDArray[np.float64],
    least: NDArray[np.float64],
    most: NDArray[np.float64],
    begin: NDArray[np.float64],
    free: NDArray[np.bool_],
    settings: SolverSettings,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Forces f between `least` and `most`, (k,), that minimise ``f.T compliance f / 2 - missing.T f``.

    Parameters
    ----------
    compliance : (k, k) symmetric, positive definite.
    begin, free : (k,) where to begin, and which forces are taken to lie between their bounds.

    Returns
    -------
    The forces, and which of them lie between their bounds.
    """
    forces = np.clip(begin, least, most)
    free = free | (least < 0)
    operations = 0.0
    for _ in range(settings.steps):
        operations += free.sum() ** 3 / 3 + len(free) ** 2
        if operations > settings.operations:
            break
        balanced, blocked = _towards_balance(forces, free, compliance, missing, least, most)
        forces, free = balanced, free & ~blocked
        if blocked.any():
            continue
        pushing = np.flatnonzero(forces)
        lack = missing - forces[pushing] @ compliance[pushing]
        push = np.where(free, 0.0, np.where(forces > least, -lack, lack))
        push[~free & (forces > least) & (forces < most)] = np.inf
        if push.max(initial=0.0) <= settings.least_push_mm:
            break
        free = free | (push >= settings.block * push.max())
    return forces, free


def _towards_balance(
    forces: NDArray[np.float64],
    free: NDArray[np.bool_],
    compliance: NDArray[np.float64],
    missing: NDArray[np.float64],
    least: NDArray[np.float64],
    most: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The forces moved to where the free ones balance, or to the first bounds on the way; which ones those are."""
    index, fixed = np.flatnonzero(free), np.flatnonzero(~free & (forces != 0))
    blocked = np.zeros(len(forces), dtype=bool)
    if not len(index):
        return forces, blocked
    pushed = missing[index] - forces[fixed] @ compliance[np.ix_(fixed, index)]
    # many small systems: the call itself would cost more than what it solves, and so would another order in memory
    now, own = forces[index], compliance[np.ix_(index, index)]
    _, wanted, failed = dposv(own.T, pushed, lower=1)
    if failed:  # rows that say the same, to rounding: they share the force
        wanted = np.linalg.lstsq(own, pushed)[0]
    bound = np.where(wanted < least[index], least[index], np.where(wanted > most[index], most[index], wanted))
    way = np.ones(len(index))
    beyond = bound != wanted
    way[beyond] = (bound - now)[beyond] / (wanted - now)[beyond]
    share = float(way.min())
    moved = forces.copy()
    moved[index] = now + share * (wanted - now)
    hit = beyond & (way <= share + 1e-12)
    moved[index[hit]] = bound[hit]
    blocked[index[hit]] = True
    return moved, blocked
