"""Choosing a dataset and a subject."""

from __future__ import annotations

from pathlib import Path

from slicer.i18n import tr as _

from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import SpineRootError
from SpineRootModelerLib.changes import ModelerChange
from SpineRootModelerLib.work.annotators import Choice, choices, has_consensus
from SpineRootModelerLib.work.sources import DISCUSSED
from SpineRootModelerWidgets.panel import Panel, checked_data, checked_item, fill_selector

CONSENSUS_DATA = ""


class SubjectSection:
    """Lists subjects, and who annotated the chosen one; it names the subject that is open as soon as one is."""

    shows = frozenset({ModelerChange.SUBJECT, ModelerChange.COMPARISON, ModelerChange.SURFACES})

    def __init__(self, panel: Panel):
        self._panel, self._ui, self._session = panel, panel.ui, panel.session
        self._refreshing = False
        self._listed: dict[str, Choice] = {}
        self._ui.datasetPath.connect("currentPathChanged(QString)", self.onDatasetChanged)
        self._ui.subjectSelector.connect("currentTextChanged(QString)", self.onSubjectChanged)
        self._ui.subjectSelector.connect("activated(int)", self.onSubjectChosen)
        self._ui.annotatorSelector.connect("activated(int)", self.onSourceChosen)
        self._ui.openButton.connect("clicked(bool)", self.onOpen)
        self.onDatasetChanged()

    @property
    def folder(self) -> Path:
        """The dataset that is chosen.

        Raises
        ------
        SpineRootError
            if none is.
        """
        if not self._ui.datasetPath.currentPath:
            raise SpineRootError(_("choose the dataset's folder first"))
        return Path(self._ui.datasetPath.currentPath)

    def onDatasetChanged(self, *_path: str) -> None:
        """List the subjects; another dataset's subject stays open no longer."""
        is_chosen = bool(self._ui.datasetPath.currentPath)
        if is_chosen and not self._refreshing:
            self._panel.act(lambda: self._session.follow(self.folder))
        self._ui.subjectSelector.clear()
        if is_chosen:
            self._panel.act(lambda: self._ui.subjectSelector.addItems(Dataset.open(self.folder).subjects()))

    def onSubjectChanged(self, subject: str) -> None:
        """List who annotated the subject; what is not signed off can be ticked by nobody."""
        self._ui.annotatorsList.clear()
        self._listed = {}
        if subject:
            self._panel.act(lambda: self._list(Dataset.open(self.folder), subject))

    def list_again(self) -> None:
        """List who annotated the subject as it is by now: somebody may have signed off. Ticks stay."""
        subject = self._ui.subjectSelector.currentText
        if subject:
            self._panel.act(lambda: self._list(Dataset.open(self.folder), subject))

    def onSubjectChosen(self, _index: int) -> None:
        """The user chose a subject: it takes the place of the one that is open."""
        self._panel.act(lambda: self._session.follow(self.folder, self._ui.subjectSelector.currentText))
        self.refresh()

    def onSourceChosen(self, _index: int) -> None:
        """The user chose what surfaces are built from next."""
        self._session.source = self._ui.annotatorSelector.currentData or None

    def refresh(self) -> None:
        """Name the subject that is open and its source, whoever chose them: a scene that was loaded, a script."""
        session, ui = self._session, self._ui
        if session.dataset is None:
            return
        self._refreshing = True
        try:
            if Path(ui.datasetPath.currentPath) != session.dataset.root:
                ui.datasetPath.currentPath = str(session.dataset.root)
            if ui.subjectSelector.currentText != session.subject:
                ui.subjectSelector.currentText = session.subject
        finally:
            self._refreshing = False
        if session.source is not None:
            self.choose_source(session.source)

    def onOpen(self) -> None:
        """Load the subject's images."""
        self.open_chosen()

    def open_chosen(self) -> bool:
        """Open the chosen subject, unless it is open; whether it is open now."""
        subject = self._ui.subjectSelector.currentText
        opened = self._panel.act(lambda: self._session.open_subject(self.folder, subject))
        if opened:
            self._session.say(_("sub-{subject} is open.").format(subject=subject))
        return opened

    def refresh_sources(self) -> None:
        """What surfaces can be built from, as things stand."""
        subject = self._ui.subjectSelector.currentText
        if subject:
            self._panel.act(lambda: self._list_sources(Dataset.open(self.folder), subject))

    def choose_source(self, source: str) -> None:
        """Have surfaces built from what was just made, until the user chooses otherwise."""
        self.refresh_sources()
        self._ui.annotatorSelector.currentIndex = max(0, self._ui.annotatorSelector.findData(source))

    def _list(self, dataset: Dataset, subject: str) -> None:
        found = {choice.label: choice for choice in choices(dataset, subject)}
        if found != self._listed:
            listing = self._ui.annotatorsList
            unticked = {label for label, choice in self._listed.items() if choice.signed_off} - {*checked_data(listing)}
            self._listed = found
            listing.clear()
            for label, choice in found.items():
                ticked = choice.signed_off and label not in unticked
                item = checked_item(f"{label}  ({choice.state})", label, ticked, choice.signed_off)
                item.setToolTip(choice.state)
                listing.addItem(item)
        self._list_sources(dataset, subject)

    def _list_sources(self, dataset: Dataset, subject: str) -> None:
        known = choices(dataset, subject)
        sources = {CONSENSUS_DATA: _("Consensus")} if has_consensus(dataset, subject) else {}
        if self._session.comparison is not None and self._session.subject == subject:
            sources[DISCUSSED] = _("What is discussed, as it stands")
        sources |= {choice.label: choice.label for choice in known if choice.signed_off or len(known) == 1}
        fill_selector(self._ui.annotatorSelector, sources)
