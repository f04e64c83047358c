"""What is tuned in keeping roots clear of each other and of the walls, and in cleaning where regions meet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ClearanceSettings:
    """How far surfaces keep apart.

    Parameters
    ----------
    clearance_mm : between any two surfaces; by eye: no two touch, and none is moved far for it.
    margin_mm : on top of it, to make up for the facets of the tubes; by eye.
    look_mm : neighbours this much farther than the clearance are watched while nodes move; by eye.
    close_mm : walls nearer than this beyond the clearance are watched between the nodes as well; by eye.
    """

    clearance_mm: float = 0.05
    margin_mm: float = 0.02
    look_mm: float = 0.6
    close_mm: float = 0.2


@dataclass(frozen=True)
class EmergenceSettings:
    """How a root comes off the cord; slopes are the rise off the cord over the length along the root.

    Parameters
    ----------
    slopes : least and most, until the root has its clearance; as steep as its points allow; by eye.
    room_mm : to spare between the points' last limit and the slope; by eye.
    easing : the slope is less steep by this factor in each late step in which it does not hold, and again when a round
        ends; by eye.
    parting_slope : once it has come off, a root rises at least so steeply; by eye.
    risen : a root that rises slowly has come off from this share of its rise on; by eye.
    join_mm : a first point farther than this from the cord does not come from it; by eye.
    lean : how much higher than its first point a root emerges, for each mm that this point lies off the cord. At 0.3
        roots as rigid there as elsewhere turned by up to 76 degrees a mm, at 1.5 by 25; at 2 they came into each
        other's way more often.
    unsaid_mm : a point nearer to the emergence than this says nothing of the slope; by eye.
    course_point : the direction in which a root begins is that from its first point to this one, counted from 0.
    """

    slopes: tuple[float, float] = (0.06, 0.24)
    room_mm: float = 0.08
    easing: float = 0.8
    parting_slope: float = 0.1
    risen: float = 0.75
    join_mm: float = 5.0
    lean: float = 1.5
    unsaid_mm: float = 0.5
    course_point: int = 2


@dataclass(frozen=True)
class ExitSettings:
    """How a root passes the dura; slopes are the way from the dura over the length along the root.

    Parameters
    ----------
    slope : before and after the exit, until the root has its clearance; by eye.
    least_slope : what passes the dura less steeply is no exit; by eye.
    """

    slope: float = 0.3
    least_slope: float = 0.15


@dataclass(frozen=True)
class SeparationSettings:
    """How long and how hard centrelines are moved until they keep clear.

    Parameters
    ----------
    force : a contact pushes at most so hard, against 1 mm of a point's own pull; by eye.
    emergence_force : holds an emergence on the cord and on its level: more than any contact can push.
    tolerance_mm : where nodes move less, they are at rest: far below the margin.
    iterations : so often at most contacts are linearised in a round; by eye.
    full_steps : after so many, steps are shortened more and more, so that contacts whose direction turns come to rest.
    rounds : so often contacts that stay broken by more than `hopeless_mm` within the points' limits are given up:
        their nodes stay where the points have them, and are conflicts; by eye.
    astray_mm : a point farther beyond its last limit is tried again; by eye.
    progress : where contacts are broken beyond hope, and a step leaves more of that than this share, no further step
        is tried; by eye.
    stalled_steps, stalled_share : so many steps that leave more than this share of what is broken at best end a round;
        by eye.
    """

    force: float = 40.0
    emergence_force: float = 1000.0
    tolerance_mm: float = 0.012
    iterations: int = 8
    full_steps: int = 3
    rounds: int = 3
    hopeless_mm: float = 0.1
    astray_mm: float = 0.03
    progress: float = 0.8
    stalled_steps: int = 3
    stalled_share: float = 0.9


@dataclass(frozen=True)
class BendSettings:
    """How sharply a root may turn, and what is done where it turns too sharply.

    Parameters
    ----------
    tightest : radius of a bend over that of the root; at 1 the tube touches itself.
    stiffening : factor on the rigidity of a root where it bends more tightly; by eye.
    widenings, shortenings : at last a bend is eased up to so many times by widening it, then by shortening it; by eye.
    loop_near, loop_along : a root makes a loop that comes nearer to itself than so many radii after more than so many
        along: half a turn of a tube that just touches itself is pi radii long.
    loop_along_between : the same for places between nodes, by eye: longer than one turn about a single mark is.
    loop_between : parts of a segment between two nodes at whose ends that is looked at; segments are 2 mm, roots 1 mm.
    smoothed_beside : nodes on either side that are smoothed with one that folds; by eye.
    """

    tightest: float = 1.1
    stiffening: float = 5.0
    widenings: int = 20
    shortenings: int = 400
    loop_near: float = 2.15
    loop_along: float = 3.4
    loop_along_between: float = 14.0
    loop_between: int = 4
    smoothed_beside: int = 2


@dataclass(frozen=True)
class ConflictSettings:
    """What counts as a conflict.

    Parameters
    ----------
    same_place_mm : violations on the same two parts nearer than this belong to one conflict; by eye.
    rounding_mm : the clearance may be missed by this: what the linearised contacts leave.
    beside_mm : beside where a root meets a wall its clearance opens: over about the width of a root.
    between : parts of a segment between two nodes at whose ends roots are compared; by eye.
    """

    same_place_mm: float = 4.0
    rounding_mm: float = 0.003
    beside_mm: float = 1.0
    between: int = 4


@dataclass(frozen=True)
class FlatteningSettings:
    """How roots are flattened where a round tube does not fit.

    Parameters
    ----------
    flatten : whether they are; else round tubes that do not fit are conflicts.
    widest : a section reaches at most so many radii of the round one; by eye.
    least_share : and at least so much of the reach for which roots are kept apart: what comes nearer is a conflict; by
        eye.
    beside : nodes on either side that are fitted with one that is pressed, so that sections change gradually.
    between : parts of a segment between two nodes at whose ends roots are compared.
    draws : so often a section's corner is drawn back from a wall; `least_slope` is the steepest that it is taken to
        run along the wall; by eye.
    margin_mm : on top of the clearance, for what lies between the nodes; by eye.
    halvings : of the interval in which the size of a section with the right area is looked for: to 1e-4 mm.
    noteworthy : a section with less than this share of its area is told; by eye.
    """

    flatten: bool = True
    widest: float = 2.0
    least_share: float = 0.4
    beside: int = 1
    between: int = 2
    margin_mm: float = 0.07
    draws: int = 5
    least_slope: float = 0.3
    halvings: int = 14
    noteworthy: float = 0.9


@dataclass(frozen=True)
class CleaningSettings:
    """What interfaces are like when they are clean.

    Parameters
    ----------
    least_angle_deg, shortest_mm : of a triangle and of its edges. With slivers of 3e-5 degrees and edges of 0.0001 mm,
        as booleans leave them, volume meshers fail and conjugate gradients diverge; cleaned by 0.03 mm they do not.
    deviation_mm : how far an interface may lie from where it was cut; below the clearance between surfaces.
    watched_share : of that distance what places left behind may lie off: new triangles lie farther off than these
        show; by eye, so that it holds where roots crowd (at 0.75 they lay up to 0.032 mm off).
    volume_share : by which a region's volume may change, below what is promised to leave room for rounding.
    slides : shares of an edge by which a vertex may slide along it; by eye.
    growth : an edge that is drawn together leaves none that is so many times as long as the longest there; by eye.
    passes : so often what is left is tried again; by eye.
    least_cosine : of the angle by which a triangle may turn; by eye.
    """

    least_angle_deg: float = 5.0
    shortest_mm: float = 0.03
    deviation_mm: float = 0.03
    watched_share: float = 0.65
    volume_share: float = 0.0009
    slides: tuple[float, ...] = (0.04, 0.1, 0.25, 0.5, 0.75)
    growth: float = 1.3
    passes: int = 4
    least_cosine: float = 0.3


@dataclass(frozen=True)
class CrumbSettings:
    """Which pieces of a region are crumbs.

    Parameters
    ----------
    share : of the region's largest piece; a larger piece is one of two halves between which another root runs, and is
        named; by eye.
    """

    share: float = 0.05
