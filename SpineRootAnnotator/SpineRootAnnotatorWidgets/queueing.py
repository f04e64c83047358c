"""Going along a queue of what models are least certain of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from SpineRootAnnotatorLib.annotation_queue import AnnotationQueue
from SpineRootAnnotatorLib.saying import Kind
from SpineRootAnnotatorLib.session import AnnotationSession
from SpineRootLib.errors import SpineRootError


class Queueing:
    """The section in which a queue is gone along."""

    def __init__(self, ui: Any, session: AnnotationSession):
        self._ui, self._session, self._queue = ui, session, AnnotationQueue(session)
        ui.queueNextButton.connect("clicked(bool)", lambda _checked: self._go(1))
        ui.queueBackButton.connect("clicked(bool)", lambda _checked: self._go(-1))

    def _go(self, by: int) -> None:
        ui = self._ui
        path, dataset = Path(ui.queuePath.currentPath), Path(ui.datasetPath.currentPath)
        try:
            self._queue.go(path, dataset, ui.annotatorEdit.text, by)
        except SpineRootError as error:
            self._session.say(str(error), Kind.FAULT)
        ui.queueLabel.text = self._queue.position
