"""What the colours of surfaces mean, as the panel shows it under the button that builds."""

from __future__ import annotations

from collections.abc import Iterable

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, ROOTS, Root, color, contour_title
from SpineRootLib.surfaces.modelled import root_of
from SpineRootLib.translation import _
from SpineRootModelerLib.surfaces.surface_nodes import paler


def legend_text(parts: Iterable[str]) -> str:
    """Rich text with a square of each colour; empty for no surfaces.

    Parameters
    ----------
    parts : names of surfaces.
    """
    known = list(parts)
    roots = sorted(root for root in map(root_of, known) if root is not None)
    segments = list(dict.fromkeys(root.segment for root in roots))
    squares = [_square(color(name), contour_title(name)) for name in CONTOUR_STRUCTURES if name in known]
    squares += [_square(color(ROOTS, Root(segment, "L")), segment) for segment in segments]
    if not roots:
        return " ".join(squares)
    first = color(ROOTS, Root(segments[0], "L"))
    said = [_square(color(ROOTS, Root(segments[0], "R")), _("darker: right"))]
    said += [_square(paler(first), _("paler: modelled down to the ganglion, not traced"))]
    return " ".join(squares) + "<br>" + " ".join(said)


def _square(rgb: tuple[float, ...], title: str) -> str:
    shade = "#" + "".join(f"{round(255 * channel):02x}" for channel in rgb)
    # a space that does not break: a square and its name stay on one line
    return f'<span style="color:{shade}">&#9632;</span>&nbsp;' + title.replace(" ", "&nbsp;")
