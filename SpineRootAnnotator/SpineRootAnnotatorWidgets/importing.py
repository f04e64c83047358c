"""Importing a subject from DICOM: preview, choose where the rules leave it open, import."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from SpineRootAnnotatorLib.dicom_intake import DicomIntake
from SpineRootAnnotatorLib.import_extras import REQUIREMENTS, with_import_extras
from SpineRootAnnotatorWidgets.series_table import SeriesTable
from SpineRootLib.dicom_import import ImportReport
from SpineRootLib.errors import Cancelled, MissingExtraError, SpineRootError
from SpineRootLib.naming import participant_label
from SpineRootLib.progress import Progress
from SpineRootLib.sentences import for_panel

_REDRAW_S = 0.05


class Importing:
    """The section in which a subject is imported.

    Parameters
    ----------
    ui : the panel's widgets.
    on_imported : called when the dataset has a new subject.
    """

    def __init__(self, ui: Any, on_imported: Callable[[], None]):
        self._ui, self._on_imported = ui, on_imported
        self._intake = DicomIntake()
        self._busy = self._cancelled = False
        self._redrawn = 0.0
        self._table = SeriesTable(ui.seriesTable, self.onChosen)
        for path in (ui.dicomPath, ui.rulesPath):
            path.connect("currentPathChanged(QString)", self.onOtherFiles)
        ui.bidsNamesCheckBox.connect("toggled(bool)", self.onOtherNames)
        ui.importSubjectEdit.connect("textChanged(QString)", self.refresh)
        ui.replaceCheckBox.connect("toggled(bool)", self.refresh)
        ui.datasetPath.connect("currentPathChanged(QString)", self.refresh)
        ui.previewButton.connect("clicked(bool)", self.onPreview)
        ui.importButton.connect("clicked(bool)", self.onImport)
        ui.cancelImportButton.connect("clicked(bool)", self.cancel)
        ui.importProgress.hide()
        self.refresh()

    def cancel(self, *_checked: bool) -> None:
        """Stop what is being done."""
        self._cancelled = True

    def onPreview(self, *_checked: bool) -> None:
        """Show which series would become which file."""
        if self._ui.dicomPath.currentPath:
            self._work(self._preview)
        else:
            self._say([_("Choose the folder with the DICOM files first.")])

    def onChosen(self, key: str, image: str) -> None:
        """The user says what a series is."""
        self._intake.choose(key, image)
        # later, as the preview makes the table anew and with it what sent this
        qt.QTimer.singleShot(0, self.onPreview)

    def onOtherFiles(self, *_path: str) -> None:
        """Another folder or other rules: what is shown holds no longer."""
        self._intake.forget()
        self.refresh()

    def onOtherNames(self, *_checked: bool) -> None:
        """The files get other names: preview again."""
        if self._intake.plan is not None:
            self.onPreview()

    def onImport(self, *_checked: bool) -> None:
        """Import what was previewed."""
        self._work(self._import)

    def refresh(self, *_value: Any) -> None:
        """Show the preview, and what is still in the way of the import."""
        if self._busy:
            return
        plan, obstacle = self._intake.plan, self._obstacle()
        self._table.show(self._intake.rows(self._subject() or "XX"), self._intake.images)
        self._ui.importButton.enabled = plan is not None and not obstacle
        self._say([] if plan is None else [obstacle, *plan.remarks])

    def _preview(self, progress: Progress) -> list[str]:
        rules = Path(self._ui.rulesPath.currentPath) if self._ui.rulesPath.currentPath else None
        folder, bids_names = Path(self._ui.dicomPath.currentPath), self._ui.bidsNamesCheckBox.checked
        self._intake.preview(folder, rules, bids_names, progress)
        return []

    def _import(self, progress: Progress) -> list[str]:
        dataset, subject = Path(self._ui.datasetPath.currentPath), self._subject()
        report = self._intake.run(dataset, subject, self._ui.replaceCheckBox.checked, progress)
        self._ui.replaceCheckBox.checked = False
        self._on_imported()
        selector = self._ui.subjectSelector
        selector.currentIndex = selector.findData(subject)
        return _imported(report, subject)

    def _work(self, act: Callable[[Progress], list[str]]) -> None:
        """Do something long; only cancelling it is possible meanwhile."""
        if self._busy:
            return
        self._set_busy(True)
        try:
            lines = with_import_extras(lambda: act(self._progress), _confirm)
        except Cancelled:
            lines = [_("Cancelled: nothing was written.")]
        except MissingExtraError as error:
            lines = [_("{library} is not installed: try again and let it be installed.").format(library=error.library)]
        except SpineRootError as error:
            lines = [for_panel(error)]
        finally:
            self._set_busy(False)
        self.refresh()
        if lines:
            self._say(lines)

    def _set_busy(self, busy: bool) -> None:
        ui = self._ui
        self._busy, self._cancelled = busy, False
        for widget in (ui.dicomPath, ui.rulesPath, ui.importSubjectEdit, ui.datasetPath, ui.bidsNamesCheckBox):
            widget.enabled = not busy
        for widget in (ui.replaceCheckBox, ui.seriesTable, ui.previewButton, ui.importButton, ui.sampleButton):
            widget.enabled = not busy
        ui.cancelImportButton.enabled = busy
        ui.importProgress.visible = busy

    def _progress(self, fraction: float, text: str) -> bool:
        if time.monotonic() - self._redrawn > _REDRAW_S:
            self._ui.importProgress.value = int(100 * fraction)
            self._ui.importProgress.format = f"{_(text)} - %p%"
            slicer.app.processEvents()
            self._redrawn = time.monotonic()
        return not self._cancelled

    def _subject(self) -> str:
        """The label of the subject, empty if it is none."""
        try:
            return participant_label(self._ui.importSubjectEdit.text)
        except SpineRootError:
            return ""

    def _obstacle(self) -> str:
        """Why what was previewed cannot be imported, empty if it can."""
        dataset, subject = self._ui.datasetPath.currentPath, self._subject()
        if self._intake.plan is not None and self._intake.plan.faults:
            return _("Not yet: {faults}").format(faults="; ".join(self._intake.plan.faults))
        if not dataset:
            return _("Not yet: give the dataset's folder above; it is made if it is missing.")
        if not subject:
            return _("Not yet: give the subject a label of letters and digits.")
        if self._intake.is_there(Path(dataset), subject) and not self._ui.replaceCheckBox.checked:
            return _("Not yet: the dataset has images of sub-{subject}; tick the box to replace them.").format(
                subject=subject
            )
        return ""

    def _say(self, sentences: list[str]) -> None:
        self._ui.importLabel.text = "\n".join(sentence for sentence in sentences if sentence)


def _imported(report: ImportReport, subject: str) -> list[str]:
    removed = ", ".join(report.removed) or _("nothing")
    return [
        _("sub-{subject} is imported. Images: {count}.").format(subject=subject, count=len(report.plan.chosen)),
        _("Taken out of the sidecars: {fields}").format(fields=removed),
    ]


def _confirm() -> bool:
    """Ask whether packages may be installed; Slicer 5.11 and later asks by itself."""
    text = _("Importing DICOM needs Python packages that are not installed: {packages}. Install them now?")
    return bool(slicer.util.confirmOkCancelDisplay(text.format(packages=", ".join(REQUIREMENTS))))
