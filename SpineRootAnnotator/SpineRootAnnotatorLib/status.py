"""What stands in the annotator's status line: what is wrong until it is mended, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from SpineRootAnnotatorLib.display import OVERVIEWS
from SpineRootAnnotatorLib.keys import ACTIONS, KeyBindings
from SpineRootAnnotatorLib.open_subject import OpenSubject
from SpineRootAnnotatorLib.saying import Kind, Said
from SpineRootAnnotatorLib.work.autosave import SaveState
from SpineRootLib.sentences import path_last
from SpineRootLib.translation import _


def hint(subject: OpenSubject | None, keys: KeyBindings) -> Said:
    """What to do next."""
    if subject is None:
        return Said(_("Choose a dataset, who you are and a subject, and press Open; or load the sample."), Kind.HINT)
    if subject.view_fault:
        return Said()
    return Said(subject.mode.hint({action.name: keys.key(action) for action in ACTIONS}), Kind.HINT)


def alarms(subject: OpenSubject | None, taken_over: str, conflicts: int) -> list[str]:
    """What is wrong until somebody mends it, the gravest first.

    Parameters
    ----------
    taken_over : who took the subject over from us; empty if nobody did.
    conflicts : how many of our files somebody else changed.
    """
    if subject is None:
        return []
    found = [taken_over, path_last(subject.view_fault)]
    if subject.work.save_state is SaveState.FAILED:
        failure = path_last(subject.work.autosave.failure)
        found.insert(
            0, _("CANNOT SAVE. Your work is kept here, and saving is tried again and again. {why}").format(why=failure)
        )
    if conflicts:
        changed = _("Somebody else changed files of yours ({count}): take theirs, or keep yours.")
        found.append(changed.format(count=conflicts))
    return [each for each in found if each]


def missing_images(images: Mapping[str, Path]) -> list[str]:
    """What is to be said of the images on which ganglia are seen."""
    missing = [name for name in OVERVIEWS if name not in images]
    if not missing:
        return []
    if len(missing) == len(OVERVIEWS):
        return [_("There is neither DESS nor T2-TSE of this subject: ganglia are shown on CISS.")]
    titles = {"DESS": _("DESS"), "T2TSE": _("T2-TSE")}
    return [_("There is no {image} of this subject: ganglia are shown without it.").format(image=titles[missing[0]])]
