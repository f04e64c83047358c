"""Going along a queue of what models are least certain of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from slicer.i18n import tr as _

from SpineRootAnnotatorLib.annotation_queue import AnnotationQueue
from SpineRootAnnotatorLib.saying import Kind
from SpineRootAnnotatorLib.session import AnnotationSession
from SpineRootAnnotatorWidgets.opening import chosen_dataset
from SpineRootLib.errors import SpineRootError


class Queueing:
    """The section in which a queue is gone along."""

    def __init__(self, ui: Any, session: AnnotationSession):
        self._ui, self._session, self._queue = ui, session, AnnotationQueue(session)
        ui.queueNextButton.connect("clicked(bool)", lambda _checked: self._go(1))
        ui.queueBackButton.connect("clicked(bool)", lambda _checked: self._go(-1))

    def _go(self, by: int) -> None:
        ui = self._ui
        try:
            if not ui.queuePath.currentPath:
                raise SpineRootError(_("choose the table of the queue first"))
            self._queue.go(Path(ui.queuePath.currentPath), chosen_dataset(ui), ui.annotatorEdit.text, by)
        except SpineRootError as error:
            self._session.say(error, Kind.FAULT)
        ui.queueLabel.text = self._queue.position
