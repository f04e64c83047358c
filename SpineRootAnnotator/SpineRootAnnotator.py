"""SpineRootAnnotator: an annotator's hour. The panel; what it does is in `SpineRootAnnotatorLib`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin

from SpineRootAnnotatorLib.session import AnnotationSession
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import SpineRootError


class SpineRootAnnotator(ScriptedLoadableModule):
    """The module as Slicer lists it."""

    def __init__(self, parent: Any):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("SpineRoot Annotator")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.contributors = ["SpineRoot contributors"]
        self.parent.helpText = _(
            "Leads an annotator through the nerve roots L1-S2 of a subject, saved as BIDS-named markups."
        )
        self.parent.acknowledgementText = _(
            "The method follows Liu et al., Scientific Data 2024, doi:10.1038/s41597-024-03919-4."
        )


class SpineRootAnnotatorWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """Connects buttons to the session and shows what it says."""

    def __init__(self, parent: Any = None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.session: AnnotationSession | None = None

    def setup(self) -> None:
        """Called when the module is opened for the first time."""
        ScriptedLoadableModuleWidget.setup(self)
        panel = slicer.util.loadUI(self.resourcePath("UI/SpineRootAnnotator.ui"))
        self.layout.addWidget(panel)
        self.ui = slicer.util.childWidgetVariables(panel)
        panel.setMRMLScene(slicer.mrmlScene)
        self.session = AnnotationSession(slicer.mrmlScene)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose)
        self.ui.datasetPath.connect("currentPathChanged(QString)", self.onDatasetChanged)
        self.ui.openButton.connect("clicked(bool)", self.onOpen)
        self.onDatasetChanged()

    def cleanup(self) -> None:
        """Called when the module is reloaded or Slicer closes."""
        self.removeObservers()
        self.session.close()

    def onSceneStartClose(self, _caller: Any, _event: Any) -> None:
        """The scene goes; the subject is closed with it."""
        self.session.close()

    def onDatasetChanged(self, *_path: str) -> None:
        """List the subjects of the dataset."""
        self.ui.subjectSelector.clear()
        if self.ui.datasetPath.currentPath:
            with self._errorsShown():
                self.ui.subjectSelector.addItems(Dataset.open(Path(self.ui.datasetPath.currentPath)).subjects())
                self._say("")

    def onOpen(self) -> None:
        """Open the chosen subject."""
        with self._errorsShown():
            dataset, subject = Path(self.ui.datasetPath.currentPath), self.ui.subjectSelector.currentText
            self.session.open(dataset, subject, self.ui.annotatorEdit.text)
            self._say(_("sub-{subject} is open.").format(subject=subject))

    def _say(self, text: str) -> None:
        self.ui.messageLabel.text = text

    @contextmanager
    def _errorsShown(self) -> Iterator[None]:
        try:
            yield
        except SpineRootError as error:
            self._say(str(error))


class SpineRootAnnotatorTest(ScriptedLoadableModuleTest):
    """The self-test that Slicer runs."""

    def runTest(self) -> None:
        """The module opens with nothing to annotate."""
        slicer.mrmlScene.Clear()
        slicer.util.selectModule("SpineRootAnnotator")
        self.assertFalse(slicer.modules.SpineRootAnnotatorWidget.session.is_open)
