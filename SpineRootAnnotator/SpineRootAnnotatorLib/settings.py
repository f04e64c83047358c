"""What an annotator can set of a session, and what is tuned in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from SpineRootLib.anatomy import DEFAULT_SEGMENTS
from SpineRootScene.appearance import Appearance


class AfterClick(StrEnum):
    """Where a click on a root leads next."""

    DOWN = "down"
    UP = "up"
    ROUND = "round"
    STAY = "stay"


@dataclass
class SessionSettings:
    """What an annotator can set.

    Parameters
    ----------
    after_click : the next slice down or up, or first round all roots of the slice.
    snap : clicks on a ganglion move to its centre.
    arrange_views : use the layouts made for each mode instead of the annotator's own.
    segments : the levels that are annotated.
    ciss_view : layout name of the slice view in which CISS is annotated.
    is_narrow : tells whether three views beside each other are wider than the screen lets them be.
    """

    after_click: AfterClick = AfterClick.DOWN
    snap: bool = True
    arrange_views: bool = True
    segments: tuple[str, ...] = DEFAULT_SEGMENTS
    ciss_view: str = "Red"
    is_narrow: Callable[[], bool] = lambda: False
    look: Appearance = field(default_factory=Appearance)


@dataclass(frozen=True)
class Pace:
    """When what is not urgent is done, in seconds.

    Parameters
    ----------
    settle_s : the editable contour takes the place of its picture once stepping pauses.
    save_s : after the first edit that is not saved: with a tick of 0.1 s and the write it is on the disk in a second.
    check_s : after the last edit: findings are looked for again, and the 3D picture is drawn.
    linger_s : after a click: the point is drawn and seen where it was clicked, before the view goes on.
    silent_s : long work is shown, and can be stopped, once it takes longer: less is not felt as waiting.
    between_s : between two looks at keys and window while it goes on.
    """

    settle_s: float = 0.08
    save_s: float = 0.3
    check_s: float = 0.5
    linger_s: float = 0.03
    silent_s: float = 0.2
    between_s: float = 0.1


@dataclass(frozen=True)
class Trust:
    """Which proposals a run accepts.

    Parameters
    ----------
    run_confidence : a run stops before a proposal below this; of points at 0.9 and above at most 3 % are wrong.
    ganglion_confidence : an oval of less is none: in the sample the right ones had 0.98 and more, a wrong one 0.76.
    ganglia_apart_mm : nearer than this to another's ganglion an oval is that ganglion; by eye, half its length.
    """

    run_confidence: float = 0.9
    ganglion_confidence: float = 0.9
    ganglia_apart_mm: float = 5.0
