"""What is tuned in finding dura and cord on successive slices together, all lengths in mm.

Brightness is in parts of the fluid's level, log-likelihoods and shares have no unit. What has no reason beside it
was set by eye.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from SpineRootLib.tracing.course_settings import CoursePriorSettings


@dataclass(frozen=True)
class WallPriorSettings:
    """How an outline changes from slice to slice, by order of the Fourier series of its radius.

    Maximum likelihood on the contours of sub-03 (80 of the dura, 66 of the cord) about a smooth centre line: an
    integrated random walk (the smooth course) and a Matern process of order 3/2 (the rest), as for the roots.

    Parameters
    ----------
    bend : standard deviation of the change of slope over a mm, mm per mm, for order 0 and for all others.
    slope : standard deviation of each coefficient's slope along the slices, mm per mm, for order 0 and for all others.
    stray_mm, stray_length_mm : of the Matern process of each order: standard deviation of each coefficient, length.
    constant_mm : standard deviation of each order's coefficients along the whole body: round, oval, hardly cornered.
    usual_mm, usual_deviation_mm : radius and breadth beyond it (the cosine of order 2) of the usual shape, and standard
        deviations of the coefficients of orders 0 to 2 about it: the sac of sub-03 measures 22 x 15 mm, the cord 9 x 7.
    """

    bend: tuple[float, float]
    slope: tuple[float, float]
    stray_mm: tuple[float, ...]
    stray_length_mm: tuple[float, ...]
    constant_mm: tuple[float, ...]
    usual_mm: tuple[float, float]
    usual_deviation_mm: tuple[float, float, float]


_DURA = WallPriorSettings(
    (0.0036, 0.0005),
    (0.10, 0.02),
    (0.50, 0.104, 0.102, 0.067, 0.085, 0.048, 0.034),
    (17.2, 5.5, 6.4, 8.9, 7.5, 6.3, 4.3),
    (5.0, 0.3, 2.0, 0.25, 0.20, 0.10, 0.08),
    (8.5, 1.5),
    (1.5, 1.0, 0.7),
)
_CORD = WallPriorSettings(
    (0.010, 0.0010),
    (0.10, 0.02),
    (0.054, 0.079, 0.045, 0.099, 0.050, 0.021, 0.029),
    (4.0, 5.3, 4.1, 13.5, 5.5, 6.4, 6.1),
    (3.0, 0.3, 0.8, 0.20, 0.12, 0.08, 0.06),
    (3.7, 0.4),
    (1.0, 0.7, 0.4),
)


@dataclass(frozen=True)
class LookSettings:
    """How far from where the wall is expected its edge is looked for, and what an edge tells.

    Parameters
    ----------
    reach_mm : how far from the expected wall.
    dura_gain, cord_gain : log-likelihood of a step of brightness as high as the fluid's.
    grey : the dura's edge begins where it is brighter than that, 0 outside and 1 in fluid: fat, too, ends at an edge.
    looks : how often the picture is sampled anew.
    """

    reach_mm: float
    dura_gain: float
    cord_gain: float
    grey: float
    looks: int


@dataclass(frozen=True)
class WallSettings:
    """How the edge is looked for near where the wall is expected.

    Parameters
    ----------
    dura, cord : what is known of either without the image.
    angles : rays on each slice.
    drawn_mm : standard deviation of each Fourier coefficient of a drawn contour, from its control points' jitter.
    clicked_mm : the same of an outline found from a click or beside known ones.
    rough_mm : the same of the first guess about a click, slice by slice.
    clear_from, clear_to, clear_mm : of a first guess only edges are believed that are clear, from one part of the
        fluid's level on by and by up to another, and these to that standard deviation on each ray; the rest follows
        from the usual shape.
    rough_far_mm : the same of that guess while the edge is looked for farther away.
    near, wide : how the edge is looked for beside known outlines, and before that about a first guess, which may lie on
        the far side of a crowd, of the fat, or of roots on the cord: an edge tells less there, for where roots lie on
        the wall (43 % of the cord of sub-03, 25 % of its dura) the next edge is theirs. Eight phantoms (1-8).
    step_mm : of the places on a ray at which the edge may be.
    edge_mm : breadth on each side of an edge over which brightness is compared.
    fluid_gain, dark_gain : log-likelihood a mm of fluid on the wrong side, and of dark where fluid would be: a root.
    soft : brightness over which dark turns to fluid, part of the fluid's level, on each side of the middle.
    dura_dark_at, cord_dark_at : where the brightness outside of the dura and inside of the cord is looked at, parts of
        the radius: clear of the edge and of the roots and fat beside it.
    dark_limits : that brightness is taken to be at least and at most so much; roots and cord are 0.25-0.45.
    centres : how the line of outlines' centres bends and strays, little: it only carries the rays.
    most_known : so many known outlines about a run of slices are looked at: those farther away tell nothing more.
    cord_mm : the cord lies so far outside of the edge that is found: fluid within it is paid for, dark without is not
        (phantoms and a drawn ellipse: 0.09-0.13).
    trusted_mm : where the edge that is found lies farther than this in the mean from known outlines, it is believed
        less, with the square of that: the scan's edges are not those that were drawn.
    relied : from the first of these beliefs on outlines follow the image by and by, from the second on wholly; else
        they are interpolated between the known ones as they are.
    share : part of each ray's evidence that counts: neighbouring rays see the same pixels.
    rounds : of expectation propagation in each look; eight settle, with a third of each message.
    """

    dura: WallPriorSettings = field(default=_DURA)
    cord: WallPriorSettings = field(default=_CORD)
    angles: int = 64
    drawn_mm: float = 0.06
    clicked_mm: float = 0.08
    rough_mm: float = 0.3
    clear_from: float = 0.3
    clear_to: float = 0.5
    clear_mm: float = 0.3
    rough_far_mm: float = 0.7
    near: LookSettings = field(default=LookSettings(1.2, 5.0, 5.0, 0.0, 2))
    wide: LookSettings = field(default=LookSettings(2.5, 3.0, 2.0, 0.5, 1))
    step_mm: float = 0.1
    edge_mm: float = 0.5
    fluid_gain: float = 16.0
    dark_gain: float = 0.3
    soft: float = 0.2
    dura_dark_at: tuple[float, ...] = (1.15, 1.25, 1.35)
    cord_dark_at: tuple[float, ...] = (0.0, 0.25, 0.5, 0.7)
    dark_limits: tuple[float, float] = (0.05, 0.5)
    centres: CoursePriorSettings = field(
        default=CoursePriorSettings(bend=0.004, stray_mm=0.05, stray_length_mm=8.0, mark_mm=0.15)
    )
    most_known: int = 8
    cord_mm: float = 0.11
    trusted_mm: float = 0.12
    relied: tuple[float, float] = (0.3, 0.7)
    share: float = 0.5
    rounds: int = 8
