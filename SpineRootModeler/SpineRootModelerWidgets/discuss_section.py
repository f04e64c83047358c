"""Discussing: what is listed, what each annotator said, what is taken."""

from __future__ import annotations

from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from SpineRootLib.agreement.consensus import MEDIAN, WEIGHTED
from SpineRootLib.agreement.resolutions import EXCHANGE_IN, MEAN, NAMES_RIGHT
from SpineRootModelerLib.changes import ModelerChange
from SpineRootModelerLib.compare.disagreement_table import columns
from SpineRootModelerLib.compare.rater_palette import rater_color
from SpineRootModelerLib.work.marks_in_words import left_text, place_text
from SpineRootModelerLib.work.sources import DISCUSSED
from SpineRootModelerWidgets.panel import Panel, fill_selector, rows_react, select_row, show_node, swatch
from SpineRootModelerWidgets.subject_section import CONSENSUS_DATA, SubjectSection
from SpineRootScene.user_settings import ANNOTATOR_SETTING

NEXT_KEY = "N"
_A_ROW = 4  # answers beside each other: two annotators, the mean and a new place
SETTLED_COLUMN = list(columns()).index("resolution")
_SETTLED_BY = "SpineRoot/SettledBy"


class DiscussSection:
    """Leads through the disagreements."""

    shows = frozenset({ModelerChange.SUBJECT, ModelerChange.COMPARISON, ModelerChange.DISCUSSION})

    def __init__(self, panel: Panel, subject: SubjectSection):
        self._panel, self._ui, self._session, self._subject = panel, panel.ui, panel.session, subject
        self._shown: Any = None
        ui = self._ui
        # what can be taken by the button that takes it; the buttons are made once and shown as they are needed
        self.answers: dict[str, Any] = {}
        self._buttons: list[Any] = []
        ui.disagreementsTable.horizontalHeader().setSectionsClickable(True)
        ui.disagreementsTable.horizontalHeader().connect("sectionClicked(int)", self.onSort)
        ui.discussSection.connect("contentsCollapsed(bool)", self.onOpened)
        ui.placeButton.connect("clicked(bool)", self.onPlace)
        ui.nextButton.connect("clicked(bool)", self.onNext)
        ui.undoButton.connect("clicked(bool)", self.onUndo)
        ui.remarkEdit.connect("editingFinished()", self.onRemark)
        fill_selector(ui.averageSelector, {MEAN: _("Mean"), MEDIAN: _("Median"), WEIGHTED: _("Weighted")})
        ui.consensusButton.connect("clicked(bool)", self.onConsensus)
        ui.liveCheckBox.connect("toggled(bool)", self.onLive)
        ui.byEdit.connect("editingFinished()", self.onBy)
        rows_react(ui.disagreementsTable, self.onRow)
        self._next_key: Any = None
        window = slicer.util.mainWindow()
        if window is not None:
            self._next_key = qt.QShortcut(qt.QKeySequence(NEXT_KEY), window)
            self._next_key.setEnabled(False)
            self._next_key.connect("activated()", ui.nextButton.click)

    def enter(self) -> None:
        """Hear the key, and propose who settles: as last time, else who annotates in this Slicer."""
        if self._next_key is not None:
            self._next_key.setEnabled(True)
        if not self._ui.byEdit.text:
            kept = qt.QSettings()
            self._ui.byEdit.text = kept.value(_SETTLED_BY) or kept.value(ANNOTATOR_SETTING) or ""
            self._session.settle_as(self._ui.byEdit.text)

    def exit(self) -> None:
        """Another module is shown: the key is not heard."""
        if self._next_key is not None:
            self._next_key.setEnabled(False)

    def cleanup(self) -> None:
        """Let go of the key: the window outlives the panel."""
        if self._next_key is not None:
            self._next_key.setEnabled(False)
            self._next_key.setParent(None)
            self._next_key = None

    def onRow(self, row: int) -> None:
        """Go to a disagreement."""
        if self._session.comparison is not None:
            self._session.comparison.discuss(row)

    def onOpened(self, collapsed: bool) -> None:
        """Give the table the panel: what was chosen above is closed until it is opened again."""
        if not collapsed and self._session.comparison is not None:
            self._ui.subjectSection.collapsed = self._ui.compareSection.collapsed = True

    def onSort(self, column: int) -> None:
        """Order the table by a column; the key leads on in that order."""
        if self._session.comparison is not None:
            self._session.comparison.sort(list(columns())[column])

    def onTake(self, button: Any) -> None:
        """Settle the place, or all of its row, by what a button stands for and go to the next."""
        take = next((answer for answer, each in self.answers.items() if each is button), None)
        whole_row = self._ui.takeAllCheckBox.enabled and self._ui.takeAllCheckBox.checked
        if take is not None and self._panel.act(lambda: self._session.comparison.take(take, whole_row=whole_row)):
            self._ui.takeAllCheckBox.checked = False  # it was meant for this row
            self.onNext()

    def onPlace(self) -> None:
        """Have the next click place the point, or say what to do with a contour."""
        self._panel.act(lambda: self._session.comparison.place_anew())

    def onNext(self) -> None:
        """Go to the next place that is not settled."""
        if not self._session.comparison.next():
            self._session.say(_("Everything that is listed is settled: make the consensus."))

    def onUndo(self) -> None:
        """Take the last step back."""

        def undo() -> None:
            if not self._session.comparison.undo():
                self._session.say(_("There is nothing left to undo."))

        self._panel.act(undo)

    def onRemark(self) -> None:
        """Keep the remark."""
        if self._session.comparison is not None:
            self._panel.act(lambda: self._session.comparison.remark(self._ui.remarkEdit.text))

    def onBy(self) -> None:
        """Record from now on who settles; the next session begins with the same."""
        by = self._ui.byEdit.text.strip()
        qt.QSettings().setValue(_SETTLED_BY, by)
        self._session.settle_as(by)

    def onConsensus(self) -> None:
        """Write the consensus and show it."""

        def make() -> None:
            self._session.settings.average = self._ui.averageSelector.currentData
            made = self._session.make_consensus(self._ui.acceptCheckBox.checked, self._panel.progress)
            left = len(self._session.comparison.discussion.unresolved())
            sentences = [_("The consensus was written. Listed places that nobody settled: {left}.").format(left=left)]
            if made.kept is not None:
                kept = _("What was there before, made or changed by somebody, is kept in {kept}.")
                sentences.append(kept.format(kept=made.kept))
            written = _("Files: {count}, in {folder}")
            sentences.append(written.format(count=len(made.files), folder=self._session.dataset.markers()))
            self._session.say(" ".join(sentences))

        if self._panel.work(make):
            self._subject.choose_source(CONSENSUS_DATA)

    def onLive(self, live: bool) -> None:
        """Build roots again at once from now on."""
        self._session.settings.live = live
        if live and (self._session.model is None or self._session.built_from != DISCUSSED):
            self._session.say(
                _("Live changes surfaces that were built from what is discussed: choose that and press Build.")
            )
        elif live:
            self._panel.act(lambda: self._session.work.prepare_live())

    def refresh(self) -> None:
        """Show where the discussion is."""
        comparison, ui = self._session.comparison, self._ui
        current = None if comparison is None else comparison.current
        for widget in (ui.nextButton, ui.undoButton):
            widget.enabled = current is not None
        can_settle = current is not None and not comparison.looks_away
        self.offer(() if comparison is None else comparison.discussion.answers(), can_settle)
        for widget in (ui.placeButton, ui.remarkEdit):
            widget.enabled = can_settle
        ui.consensusButton.enabled = comparison is not None
        if self._shown is not comparison:
            self._shown = comparison
            show_node(ui.disagreementsTable, None if comparison is None else comparison.disagreements.node)
        if current is not None:
            ui.disagreementsTable.resizeColumnToContents(SETTLED_COLUMN)
            discussion = comparison.discussion
            select_row(ui.disagreementsTable, discussion.row)
            count = len(discussion.rows[discussion.row].members)
            ui.takeAllCheckBox.enabled = count > 1 and can_settle
            words = _("For all {count} slices of the row") if count > 1 else _("For all slices of the row")
            ui.takeAllCheckBox.text = words.format(count=count)
        ui.pendingLabel.text = "" if comparison is None else left_text(comparison.discussion)
        ui.saidLabel.text = "" if comparison is None else place_text(comparison.discussion, comparison.shown_place)
        if not ui.remarkEdit.hasFocus():
            ui.remarkEdit.text = "" if current is None else comparison.discussion.remark(current.place)

    def offer(self, answers: tuple[str, ...], can_settle: bool) -> None:
        """A button for each answer, in front of that which places anew; those about names, which are long, in rows."""
        while len(self._buttons) < len(answers):
            button = qt.QPushButton(self._ui.answersWidget)
            button.setToolTip(_("Settle the place so and go to the next"))
            button.connect("clicked(bool)", lambda _checked, pressed=button: self.onTake(pressed))
            self._buttons.append(button)
        self.answers = dict(zip(answers, self._buttons, strict=False))
        labels = () if self._session.comparison is None else self._session.comparison.comparison.raters.labels
        for button in self._buttons[len(answers) :]:
            button.visible = False
        for answer, button in self.answers.items():
            button.text, button.visible, button.enabled = _answer(answer), True, can_settle
            known = answer in labels
            button.setIcon(swatch(rater_color(labels, answer)) if known else qt.QIcon())
        self._arrange(_A_ROW if NAMES_RIGHT not in answers else 1)

    def _arrange(self, columns: int) -> None:
        """Put the buttons into so many columns, that which places anew last, where it means something."""
        grid, place = self._ui.answersWidget.layout(), self._ui.placeButton
        place.visible = columns > 1
        for number, button in enumerate((*self.answers.values(), place)):
            grid.addWidget(button, number // columns, number % columns)


def _answer(answer: str) -> str:
    """What can be taken, as a user reads it."""
    if answer.startswith(EXCHANGE_IN):
        return _("the names are exchanged in {annotator}'s work").format(annotator=answer.removeprefix(EXCHANGE_IN))
    return {MEAN: _("Mean"), NAMES_RIGHT: _("names are right")}.get(answer, answer)
