"""Where work goes that its own folder does not take when it must be closed."""

from __future__ import annotations

import tempfile
from pathlib import Path

from SpineRootAnnotatorLib.work.subject_work import SubjectWork
from SpineRootLib.errors import SpineRootError
from SpineRootLib.translation import _


def rescue(work: SubjectWork, folder: Path) -> str:
    """Keep all of the annotation in a folder, else among the temporary files; what the annotator is told."""
    why = ""
    for each in (folder, Path(tempfile.gettempdir()) / folder.name):
        try:
            kept = work.rescue(each)
        except (SpineRootError, OSError) as error:
            why = str(error)
        else:
            return _("The folder does not take your work; all of it is kept in {folder}.").format(folder=kept)
    return _("YOUR LAST EDITS ARE LOST, no folder takes them: {why}").format(why=why)
