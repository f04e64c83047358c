"""Exporting surfaces, report, label map and picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from slicer.i18n import tr as _

from SpineRootLib.surfaces import FORMATS
from SpineRootModelerLib.changes import ModelerChange
from SpineRootModelerLib.work.export import ExportChoice
from SpineRootModelerWidgets.panel import Panel, checked_data, checked_item


class ExportSection:
    """Has the session write what is ticked."""

    shows = frozenset({ModelerChange.SUBJECT, ModelerChange.SURFACES})

    def __init__(self, panel: Panel):
        self._panel, self._ui, self._session = panel, panel.ui, panel.session
        self._shown: Any = None
        self._ui.saveButton.connect("clicked(bool)", self.onExport)
        self._ui.segmentationButton.connect("clicked(bool)", self.onSegmentation)

    def onExport(self) -> None:
        """Write it."""
        ui = self._ui
        formats = [name for name in FORMATS if getattr(ui, f"{name}CheckBox").checked]
        choice = ExportChoice(
            checked_data(ui.partsList),
            formats,
            ui.reportCheckBox.checked,
            ui.labelsCheckBox.checked,
            ui.pictureCheckBox.checked,
        )
        folder = Path(ui.exportPath.currentPath) if ui.exportPath.currentPath else None
        self._panel.work(lambda: self._export(choice, folder))

    def onSegmentation(self) -> None:
        """Show the segmentation that Slicer exports to DICOM."""
        self._panel.work(lambda: self._session.show_segmentation(self._panel.progress))

    def refresh(self) -> None:
        """List the surfaces that there are."""
        model = self._session.model
        self._ui.saveButton.enabled = self._ui.segmentationButton.enabled = model is not None
        parts = () if model is None else tuple(model.parts)
        if parts != self._shown:
            self._shown = parts
            self._ui.partsList.clear()
            for part in parts:
                self._ui.partsList.addItem(checked_item(part, part, True))

    def _export(self, choice: ExportChoice, folder: Path | None) -> None:
        files = self._session.export(choice, folder, self._panel.progress)
        if not files:
            self._session.say(_("Nothing is ticked: tick a format, the report, the label map or the picture."))
            return
        sentence = _("Files written: {count}. Folder: {folder}")
        self._session.say(sentence.format(count=len(files), folder=files[0].parent))
