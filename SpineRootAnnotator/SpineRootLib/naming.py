"""File names of the dataset: what a name says, and the name of a thing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from SpineRootLib.anatomy import CORD, DEFAULT_SEGMENTS, DURA, GANGLIA, ROOTS, Root, segment_level
from SpineRootLib.errors import DatasetError, ImageFileError, SpineRootError
from SpineRootLib.translation import _

_LABEL = re.compile(r"[A-Za-z0-9]+")
# what exists in the wild: sub_14_..., .mrk.json, capitals, a singular
_MARKUPS_NAME = re.compile(
    r"sub[-_](?P<subject>[A-Za-z0-9]+)(?:_ses[-_](?P<session>[A-Za-z0-9]+))?_(?P<structure>dura|cord|nerve_?roots?|gangli(?:ons?|a))_"
    r"(?P<rest>[A-Za-z0-9_-]+?)(?:\.mrk)?\.json",
    re.IGNORECASE,
)
_STATED_SUBJECT = re.compile(r"sub[-_]([A-Za-z0-9]+)(?:_ses[-_]([A-Za-z0-9]+))?[_.]")
_SESSION = "_ses-"  # between the parts of a label
_STRUCTURE_OF_STEM = {"dura": DURA, "cord": CORD, "nerv": ROOTS, "gang": GANGLIA}


@dataclass(frozen=True)
class MarkupsName:
    """What the name of a markups file says: whose, which structure, which slice or root.

    `number` is set for dura and cord (1-based from the most cranial CISS slice), `root` for roots and ganglia.
    """

    subject: str
    structure: str
    number: int | None = None
    root: Root | None = None

    @property
    def label(self) -> str:
        """The structure's own short name, from which control points are labelled: ``dura_7``, ``L1_L``."""
        return str(self.root) if self.root is not None else f"{self.structure}_{self.number}"

    @property
    def key(self) -> str:
        """The name without subject and ending: ``dura_7``, ``nerveroots_L1_L``."""
        return f"{self.structure}_{self.number if self.root is None else self.root}"

    def file_name(self) -> str:
        """The strict name of the file."""
        return f"sub-{self.subject}_{self.key}.json"


def check_label(text: str, what: str) -> str:
    """A BIDS label (letters and digits), so that no name can lead outside its folder.

    Raises
    ------
    DatasetError
        if it holds anything else.
    """
    if not _LABEL.fullmatch(text):
        raise DatasetError(_("'{text}' is no {what} label: letters and digits only").format(text=text, what=what))
    return text


def participant_label(text: str) -> str:
    """``03`` from ``03`` or ``sub-03``; no session."""
    return check_label(text.removeprefix("sub-"), "subject")


def session_label(text: str) -> str:
    """``01`` from ``01`` or ``ses-01``."""
    return check_label(text.removeprefix("ses-"), "session")


def subject_label(text: str) -> str:
    """``03`` from ``03`` or ``sub-03``; where a subject has sessions one of them, ``03_ses-01``, is a subject's label.

    Behind ``sub-`` it begins the names of the subject's files.
    """
    participant, mark, session = text.removeprefix("sub-").partition(_SESSION)
    return of_session(participant, session) if mark else participant_label(participant)


def of_session(participant: str, session: str) -> str:
    """The label of a session: ``03_ses-01``."""
    return f"{participant_label(participant)}{_SESSION}{session_label(session)}"


def split_label(subject: str) -> tuple[str, str | None]:
    """Participant and session, None where it has none, of a subject's label."""
    participant, mark, session = subject_label(subject).partition(_SESSION)
    return participant, session if mark else None


def subject_path(folder: Path, subject: str, mark: str = "-") -> Path:
    """A subject's folder within a folder: ``sub-03``, or ``sub-03/ses-01`` of a session.

    Parameters
    ----------
    mark : between ``sub`` and the label, for folders in the wild.
    """
    participant, session = split_label(subject)
    own = folder / f"sub{mark}{participant}"
    return own if session is None else own / f"ses-{session}"


def annotator_label(text: str) -> str:
    """``A`` from ``A`` or ``markers-A``."""
    return check_label(text.removeprefix("markers-"), "annotator")


def check_own(image: Path, subject: str) -> None:
    """See that an image chosen by hand is not, by its name, another subject's, whose slices may lie just as these.

    Raises
    ------
    ImageFileError
        if it is.
    """
    stated = _STATED_SUBJECT.match(image.name)
    if stated is None:
        return
    participant, session = split_label(subject)
    another_session = None not in (stated[2], session) and stated[2] != session
    if stated[1] != participant or another_session:
        value = of_session(stated[1], stated[2]) if stated[2] else stated[1]
        fault = _("is an image of sub-{value}, not of sub-{subject}").format(value=value, subject=subject)
        raise ImageFileError(fault, image)


def parse_markups_name(name: str, segments: Sequence[str] = DEFAULT_SEGMENTS) -> MarkupsName | None:
    """What a file name says, or None if it is not the name of a markups file of ours.

    Raises
    ------
    SpineRootError
        if it is one, but of an unknown segment, side or slice number.
    """
    match = _MARKUPS_NAME.fullmatch(name)
    if match is None:
        return None
    subject, rest = match["subject"], match["rest"]
    if match["session"]:
        subject = of_session(subject, match["session"])
    structure = _STRUCTURE_OF_STEM[match["structure"].lower()[:4]]
    if structure in (DURA, CORD):
        if not rest.isdigit() or int(rest) < 1:
            raise SpineRootError(_("'{rest}' in the file name is no slice number (1, 2, ...)").format(rest=rest), name)
        return MarkupsName(subject, structure, number=int(rest))
    return MarkupsName(subject, structure, root=_parse_root(rest, name, segments))


def _parse_root(text: str, name: str, segments: Sequence[str]) -> Root:
    segment, _mark, side = text.upper().partition("_")
    try:
        root = Root(segment, side)
    except SpineRootError as error:
        raise SpineRootError(error.fault, name) from None
    if segment not in segments:
        known = " ".join(sorted(segments, key=segment_level))
        raise SpineRootError(
            _("segment {segment} is not among those asked for ({known})").format(segment=segment, known=known),
            name,
            _("; add it with --segments"),
        )
    return root
