"""What a label of a label map stands for, as tables of labels and segments of Slicer name it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from SpineRootLib.anatomy import CORD, CSF, DURA, GANGLIA, ROOTS, SPINAL_SEGMENTS, Root
from SpineRootLib.errors import SpineRootError
from SpineRootLib.translation import _

OTHER = "other"
_SIDES = {"L": "L", "LEFT": "L", "R": "R", "RIGHT": "R"}
# what other programs and people call them, in small letters, without marks between the words
_CALLED = {
    CORD: {"cord", "spinal cord", "spinalcord", "sc"},
    DURA: {"dura", "dural sac", "thecal sac", "canal", "spinal canal"},
    CSF: {"csf", "fluid", "cerebrospinal fluid", "cerebrospinal fluid inside the dura"},
    OTHER: {"other", "background"},
}
_ROOT_WORDS = {"nerveroots", "nerveroot", "nerve root", "nerve roots", "root", "roots", "rootlet", "rootlets", ""}
_GANGLION_WORDS = {"ganglion", "ganglions", "ganglia", "drg", "dorsal root ganglion"}
_BEYOND = ("outside", "outside the dura", "out")
_LEVEL = re.compile(
    r"(?P<words>.*?)\b(?P<segment>[CTLS]\d{1,2})\b\s*(?P<side>left|right|l|r)?\s*(?P<rest>.*)", re.IGNORECASE
)


@dataclass(frozen=True)
class Meaning:
    """What a label stands for.

    Parameters
    ----------
    structure : ``cord``; ``dura``, the whole sac with what is in it; ``csf``, the fluid in it; ``nerveroots``;
        ``ganglions``; ``other`` for what is no structure of ours.
    segment : of roots and ganglia the level.
    side : L or R, None where it is to be told by where it lies.
    beyond : of a root, whether it is its part beyond the dura.
    """

    structure: str
    segment: str | None = None
    side: str | None = None
    beyond: bool = False

    @property
    def root(self) -> Root | None:
        """The root, where segment and side are both said."""
        return None if self.segment is None or self.side is None else Root(self.segment, self.side)

    @classmethod
    def parse(cls, text: str) -> Meaning:
        """The meaning of a name: ``cord``, ``spinal canal``, ``nerveroots_L1_L``, ``L1 left``, ``ganglion S1``.

        Raises
        ------
        SpineRootError
            if it names nothing of ours.
        """
        words = " ".join(re.split(r"[\s_\-]+", text.strip()))
        for structure, called in _CALLED.items():
            if words.lower() in called:
                return cls(structure)
        match = _LEVEL.fullmatch(words)
        if match is not None and match["segment"].upper() in SPINAL_SEGMENTS:
            side = _SIDES.get((match["side"] or "").upper())
            before, after = match["words"].strip().lower(), match["rest"].strip().lower()
            if before in _GANGLION_WORDS and not after:
                return cls(GANGLIA, match["segment"].upper(), side)
            if before in _ROOT_WORDS and after in ("", *_BEYOND):
                return cls(ROOTS, match["segment"].upper(), side, after in _BEYOND)
        fault = _("'{text}' names nothing such as cord, dura, csf, nerveroots_L1_L, ganglions_L1 or other")
        raise SpineRootError(fault.format(text=text))
