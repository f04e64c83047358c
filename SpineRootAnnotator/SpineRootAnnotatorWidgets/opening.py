"""Choosing a dataset, a subject and who annotates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from SpineRootAnnotatorLib.changes import Change
from SpineRootAnnotatorLib.saying import Kind
from SpineRootAnnotatorLib.session import AnnotationSession
from SpineRootAnnotatorLib.work.subject_progress import Progress
from SpineRootAnnotatorLib.work.subject_work import LockedError
from SpineRootLib.anatomy import DEFAULT_SEGMENTS, parse_segments
from SpineRootLib.errors import SpineRootError
from SpineRootScene.user_settings import ANNOTATOR_SETTING

_LEVELS_SETTING = "SpineRoot/Levels"


def annotator_here() -> str:
    """The label under which this Slicer's user annotated last; empty for nobody yet."""
    return str(qt.QSettings().value(ANNOTATOR_SETTING) or "")


def chosen_dataset(ui: Any) -> Path:
    """The dataset that is chosen, once it is said who annotates.

    Raises
    ------
    SpineRootError
        if one of the two is missing.
    """
    if not ui.datasetPath.currentPath:
        raise SpineRootError(_("choose the dataset's folder first"))
    if not ui.annotatorEdit.text:
        raise SpineRootError(_("say who annotates first: a label of letters and digits, such as A"))
    return Path(ui.datasetPath.currentPath)


class Opening:
    """The section in which a subject is opened.

    Parameters
    ----------
    ui : the panel's widgets.
    on_opened : called when a subject was opened.
    """

    def __init__(self, ui: Any, session: AnnotationSession, on_opened: Callable[[], None]):
        self._ui, self._session, self._on_opened = ui, session, on_opened
        self._shown: tuple[Path, str, str] | None = None
        self._complaint = ""
        ui.annotatorEdit.text = annotator_here()
        ui.levelsEdit.text = str(qt.QSettings().value(_LEVELS_SETTING) or " ".join(DEFAULT_SEGMENTS))
        with suppress(SpineRootError):  # said once it is to be opened
            session.settings.segments = parse_segments(ui.levelsEdit.text)
        ui.datasetPath.connect("currentPathChanged(QString)", self.onDatasetChanged)
        ui.annotatorEdit.connect("editingFinished()", self.onDatasetChanged)
        ui.openButton.connect("clicked(bool)", self.onOpen)
        ui.takeOverButton.visible = False
        ui.takeOverButton.connect("clicked(bool)", self.onTakeOver)
        ui.subjectSection.connect("contentsCollapsed(bool)", self.onDatasetChanged)
        session.changes.connect(self.refresh, Change.SUBJECT)
        session.changes.connect(self.onClosed, Change.SUBJECT)
        # not while the scene is still being loaded
        session.changes.connect(lambda: qt.QTimer.singleShot(0, self.onQuestion), Change.QUESTION)
        self.onDatasetChanged()

    def refresh(self) -> None:
        """Show which subject is open, whoever opened it: a loaded scene does, too."""
        opened = self._session.opened
        what = None if opened is None else (opened.dataset, opened.subject, opened.annotator)
        if what in (None, self._shown):
            return
        self._shown = what
        dataset, subject, annotator = what
        if (self._ui.datasetPath.currentPath, self._ui.annotatorEdit.text) != (str(dataset), annotator):
            self._ui.annotatorEdit.text = annotator
            self._ui.datasetPath.currentPath = str(dataset)
            self.onDatasetChanged()
        self._ui.subjectSelector.currentIndex = self._ui.subjectSelector.findData(subject)

    def onClosed(self) -> None:
        """No subject is open any more, whoever closed it: offer one."""
        if not self._session.is_open:
            self._shown = None
            if self._ui.subjectSection.collapsed:
                self._ui.subjectSection.collapsed = False  # which lists the subjects
            else:
                self.onDatasetChanged()

    def onDatasetChanged(self, *_path: Any) -> None:
        """List the subjects, and how far the annotator is with each."""
        selector = self._ui.subjectSelector
        chosen = selector.currentData
        selector.clear()
        self._ui.progressLabel.text = ""
        if self._ui.datasetPath.currentPath:
            self._saying(lambda: self._list(chosen))

    def onOpen(self) -> None:
        """Open the chosen subject."""
        self._open(by_force=False)

    def onTakeOver(self) -> None:
        """Open the chosen subject although somebody else has it open."""
        self._open(by_force=True)

    def onQuestion(self) -> None:
        """Ask whether the user works under the label that a loaded scene was saved with."""
        if self._session.question and slicer.util.confirmYesNoDisplay(self._session.question):
            self._session.confirm()
        self._session.decline()

    def _list(self, chosen: str | None) -> None:
        annotator = self._ui.annotatorEdit.text or "A"
        progress_of = self._session.progress(Path(self._ui.datasetPath.currentPath), annotator)
        words = {Progress.DONE: _("done"), Progress.BEGUN: _("begun"), Progress.UNTOUCHED: _("untouched")}
        for subject, progress in progress_of.items():
            self._ui.subjectSelector.addItem(f"{subject}  ({words[progress]})", subject)
        if chosen in progress_of:
            self._ui.subjectSelector.currentIndex = self._ui.subjectSelector.findData(chosen)
        counts = Counter(progress_of.values())
        parts = [f"{counts[progress]} {word}" for progress, word in words.items() if counts[progress]]
        self._ui.progressLabel.text = ", ".join(parts)

    def _open(self, by_force: bool) -> None:
        self._ui.takeOverButton.visible = False
        annotator, subject = self._ui.annotatorEdit.text, self._ui.subjectSelector.currentData or ""
        fields = {"CISS": self._ui.cissPath, "DESS": self._ui.dessPath, "T2TSE": self._ui.t2tsePath}
        images = {name: Path(field.currentPath) for name, field in fields.items() if field.currentPath}
        qt.QSettings().setValue(ANNOTATOR_SETTING, annotator)

        def open_it() -> None:
            dataset = chosen_dataset(self._ui)
            if not subject:
                raise SpineRootError(_("choose a subject first"))
            self._session.settings.segments = self._levels()
            self._session.open(dataset, subject, annotator, images, by_force)

        self._saying(open_it)
        if self._session.is_open:
            self._ui.datasetPath.addCurrentPathToHistory()
            self._on_opened()

    def _levels(self) -> tuple[str, ...]:
        levels = parse_segments(self._ui.levelsEdit.text)
        qt.QSettings().setValue(_LEVELS_SETTING, " ".join(levels))
        return levels

    def _saying(self, act: Callable[[], None]) -> None:
        self._complaint, before = "", self._complaint
        if before and self._session.message == before:
            self._session.say("")  # it was about what was chosen before
        try:
            act()
        except SpineRootError as error:
            self._session.say(error, Kind.FAULT)
            self._complaint = self._session.message
            self._ui.takeOverButton.visible = isinstance(error, LockedError)
