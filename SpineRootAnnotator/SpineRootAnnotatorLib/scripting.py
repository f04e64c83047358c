"""What scripts and other modules ask of a session, besides what the panel does."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

from SpineRootAnnotatorLib.keys import ROOTS_MODE
from SpineRootAnnotatorLib.open_subject import OpenSubject
from SpineRootAnnotatorLib.session import AnnotationSession
from SpineRootLib.anatomy import Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.errors import SpineRootError
from SpineRootLib.translation import _


def current_annotation(session: AnnotationSession) -> Annotation:
    """A copy of what is annotated now, saved or not.

    Raises
    ------
    SpineRootError
        if no subject is open; so do the others.
    """
    return deepcopy(_open_subject(session).annotation)


def propose_root(session: AnnotationSession, root: str) -> int:
    """Propose the points of a root, such as ``L3_L``, from its last one onwards; on how many slices.

    Raises
    ------
    SpineRootError
        if that is no root of the study, or nothing can be proposed; the sentence says why.
    """
    subject, chosen = _open_subject(session), Root.parse(root)
    if chosen not in subject.annotation.expected_roots():
        raise SpineRootError(_("{root} is not annotated in this study").format(root=root))
    subject.set_mode(ROOTS_MODE)
    subject.root = chosen
    numbers, reason = subject.proposals.propose_course(subject.confirmed, chosen)
    if not numbers:
        raise SpineRootError(reason)
    subject.draw_slice()
    session.changes.tell()
    return len(numbers)


def export_annotation(session: AnnotationSession, folder: Path) -> list[Path]:
    """Write what is annotated now into ``FOLDER/sub-XX/``, as markups with their sidecar; the files, returned.

    Raises
    ------
    DatasetError
        if the folder cannot be written.
    """
    return write_annotation(folder, current_annotation(session))


def _open_subject(session: AnnotationSession) -> OpenSubject:
    if session.subject is None:
        raise SpineRootError(_("No subject is open."))
    return session.subject
