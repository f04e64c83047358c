"""Importing masks: what other programs segmented becomes proposals in the open subject."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from slicer.i18n import tr as _

from SpineRootAnnotatorLib.mask_intake import LABEL_MAP, SEGMENTATION, MaskChoice, import_masks, tables, told
from SpineRootAnnotatorLib.saying import Kind
from SpineRootAnnotatorLib.session import AnnotationSession
from SpineRootLib.errors import SpineRootError


class MaskImporting:
    """The section in which masks are imported."""

    def __init__(self, ui: Any, session: AnnotationSession):
        self._ui, self._session = ui, session
        selector = ui.maskNodeSelector
        selector.nodeTypes = [SEGMENTATION, LABEL_MAP]
        selector.noneEnabled, selector.addEnabled, selector.removeEnabled = True, False, False
        ui.maskTableSelector.addItem(_("as the file or the segments' names tell"), "")
        for name, title in tables().items():
            ui.maskTableSelector.addItem(title, name)
        ui.maskPath.connect("currentPathChanged(QString)", self.onFile)
        selector.connect("currentNodeChanged(vtkMRMLNode*)", self.onNode)
        ui.importMasksButton.connect("clicked(bool)", self.onImport)

    def onFile(self, path: str) -> None:
        """A file is chosen, and nothing of the scene."""
        if path:
            self._ui.maskNodeSelector.setCurrentNode(None)

    def onNode(self, node: Any) -> None:
        """A segmentation or label map of the scene is chosen, and no file."""
        if node is not None:
            self._ui.maskPath.currentPath = ""

    def onImport(self, *_checked: bool) -> None:
        """Propose what the masks show."""
        try:
            result = import_masks(self._session, self._choice())
        except SpineRootError as error:
            self._ui.masksLabel.text = ""
            self._session.say(error, Kind.FAULT)
            return
        if result is not None:
            lines = told(result)
            self._session.say(lines[0])
            self._ui.masksLabel.text = "\n".join(lines)

    def _choice(self) -> MaskChoice:
        ui = self._ui
        path = Path(ui.maskPath.currentPath) if ui.maskPath.currentPath else None
        table = ui.maskTablePath.currentPath or ui.maskTableSelector.currentData or ""
        return MaskChoice(path, ui.maskNodeSelector.currentNode(), table, ui.maskLabelsEdit.text)
