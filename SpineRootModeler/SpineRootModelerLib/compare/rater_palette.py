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


class RaterPalette(Palette):
    """The colours of one annotator's drawings: the same for every structure.

    Parameters
    ----------
    labels : the annotators in their order; those beyond the fifth repeat the colours.
    label : the annotator.
    """

    def __init__(self, labels: Sequence[str], label: str):  # instead of a colour a structure
        self.colors = [*(rater_color(labels, each) for each in labels), CONSENSUS_COLOR]
        self._rater = list(labels).index(label) if label in labels else len(labels)

    def of(self, key: str | Root, ghost: bool = False) -> int:  # noqa: ARG002
        """Index of the colour of whatever the annotator marked."""
        return self._rater


def rater_color(labels: Sequence[str], label: str) -> Color:
    """The colour of an annotator; white for the consensus, which is not among them."""
    labels = list(labels)
    return _COLORS[labels.index(label) % len(_COLORS)] if label in labels else CONSENSUS_COLOR
