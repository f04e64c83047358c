"""A colour for each annotator, whatever is drawn."""

from __future__ import annotations

from collections.abc import Sequence

from SpineRootLib.anatomy import Root
from SpineRootScene.palette import Palette

Color = tuple[float, float, float]

# Apart from each other for colour-blind readers, on the grey of an image (after Okabe and Ito, 2008).
_COLORS: tuple[Color, ...] = (
    (0.35, 0.80, 1.00),
    (1.00, 0.65, 0.10),
    (1.00, 0.50, 0.80),
    (0.25, 0.85, 0.50),
    (0.95, 0.90, 0.30),
)
CONSENSUS_COLOR: Color = (1.0, 1.0, 1.0)
# what is left of a colour's brightness in roots that are not looked at; by eye
_DIMMED = 0.35


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
