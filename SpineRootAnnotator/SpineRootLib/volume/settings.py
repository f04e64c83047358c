"""What is tuned in filling regions with tetrahedra."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MeshingSettings:
    """How regions are filled.

    Parameters
    ----------
    longest_mm : the longest edge that is aimed at; by eye: where the field turns little.
    grading : how fast edges may grow from the surface inwards, 0 to 1; at 0.5 there are a sixth fewer tetrahedra than
        at 0.3, in half of the time, and no more of them are flat.
    optimisation_steps : rounds of Netgen's own optimisation; with more than three the time doubles for little.
    workers : regions that are filled at the same time.
    """

    longest_mm: float = 4.0
    grading: float = 0.5
    optimisation_steps: int = 3
    workers: int = 2


@dataclass(frozen=True)
class RepairSettings:
    """How flat tetrahedra are replaced.

    Parameters
    ----------
    least_deg : smallest angle between two faces below which a tetrahedron is replaced; by eye, above the degree below
        which a solver suffers.
    rounds : so often what is left is tried again; by eye.
    tries : steps of the search for a better vertex; `turns`, directions of each; by eye.
    """

    least_deg: float = 3.0
    rounds: int = 3
    tries: int = 14
    turns: int = 26
