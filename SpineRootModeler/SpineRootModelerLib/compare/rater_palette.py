"""A colour for each annotator, whatever is drawn."""

from __future__ import annotations

from collections.abc import Sequence

from SpineRootLib.anatomy import Root
from SpineRootScene.palette import Palette

Color = tuple[float, float, float]

# Hues that no root, wall or side has; apart from each other for colour-blind readers as well, on the grey of an image.
_COLORS: tuple[Color, ...] = (
    (1.00, 0.35, 1.00),
    (0.50, 1.00, 0.30),
    (0.00, 1.00, 0.95),
    (1.00, 0.30, 0.35),
    (0.65, 0.40, 1.00),
)
CONSENSUS_COLOR: Color = (1.0, 1.0, 1.0)
# what is left of a colour's brightness in roots that are not looked at; by eye
_DIMMED = 0.35
# and on white paper, where they are too light
_ON_WHITE = 0.75


class RaterPalette(Palette):
    """The colours of one annotator's drawings: the same for every structure.

    Parameters
    ----------
    labels : the annotators in their order; those beyond the fifth repeat the colours.
    label : the annotator.

    Attributes
    ----------
    looked_at : the root that is discussed: all others are dimmed; None for none.
    """

    def __init__(self, labels: Sequence[str], label: str):  # instead of a colour a structure
        full = [*(rater_color(labels, each) for each in labels), CONSENSUS_COLOR]
        self.colors = [*full, *(dimmed(each) for each in full)]
        self._rater = list(labels).index(label) if label in labels else len(labels)
        self._dimmed = len(full) + self._rater
        self.looked_at: Root | None = None

    def of(self, key: str | Root, ghost: bool = False) -> int:  # noqa: ARG002
        """Index of the colour of whatever the annotator marked."""
        aside = self.looked_at is not None and isinstance(key, Root) and key != self.looked_at
        return self._dimmed if aside else self._rater


def rater_color(labels: Sequence[str], label: str) -> Color:
    """The colour of an annotator; white for the consensus, which is not among them."""
    labels = list(labels)
    return _COLORS[labels.index(label) % len(_COLORS)] if label in labels else CONSENSUS_COLOR


def dimmed(color: Color) -> Color:
    """The colour of what is not looked at."""
    red, green, blue = (_DIMMED * channel for channel in color)
    return red, green, blue


def on_white(color: Color) -> Color:
    """A colour as charts have it."""
    red, green, blue = (_ON_WHITE * channel for channel in color)
    return red, green, blue
