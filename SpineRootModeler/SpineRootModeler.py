"""SpineRootModeler: from annotations to surfaces. The panel; what it does is in `SpineRootModelerLib`."""

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

# Slicer lists a module whose folders are incomplete all the same, and says what is missing when it is opened.
try:
    from SpineRootLib.dataset import Dataset
    from SpineRootLib.errors import SpineRootError
    from SpineRootLib.surfaces import ModelSettings
    from SpineRootLib.surfaces.settings import RootSettings
    from SpineRootModelerLib.session import ModelSession

    MISSING = ""
except ModuleNotFoundError as error:
    MISSING = str(error)


class SpineRootModeler(ScriptedLoadableModule):
    """The module as Slicer lists it."""

    def __init__(self, parent: Any):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("SpineRoot Modeler")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Surface Models")]
        self.parent.dependencies = ["SpineRootAnnotator"]
        self.parent.contributors = ["SpineRoot contributors"]
        self.parent.helpText = _("Builds surfaces of dura, cerebrospinal fluid, cord and nerve roots from annotations.")
        self.parent.acknowledgementText = _(
            "The method follows Liu et al., Scientific Data 2024, doi:10.1038/s41597-024-03919-4."
        )


class SpineRootModelerWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """Connects buttons to the session and shows what it says."""

    def __init__(self, parent: Any = None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.session: ModelSession | None = None
        self._cancelled = False

    def setup(self) -> None:
        """Called when the module is opened for the first time."""
        ScriptedLoadableModuleWidget.setup(self)
        panel = slicer.util.loadUI(self.resourcePath("UI/SpineRootModeler.ui"))
        self.layout.addWidget(panel)
        self.ui = slicer.util.childWidgetVariables(panel)
        panel.setMRMLScene(slicer.mrmlScene)
        if MISSING:
            panel.enabled = False
            self._say(_("Add the folder SpineRootAnnotator to the module paths as well: {error}").format(error=MISSING))
            return
        self.session = ModelSession(slicer.mrmlScene)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self.onSceneClosed)
        self.ui.datasetPath.connect("currentPathChanged(QString)", self.onDatasetChanged)
        self.ui.subjectSelector.connect("currentTextChanged(QString)", self.onSubjectChanged)
        self.ui.buildButton.connect("clicked(bool)", self.onBuild)
        self.ui.cancelButton.connect("clicked(bool)", self.onCancel)
        self.ui.saveButton.connect("clicked(bool)", self.onSave)
        self.onDatasetChanged()

    def cleanup(self) -> None:
        """Called when the module is reloaded or Slicer closes."""
        self.removeObservers()
        if self.session is not None:
            self.session.shut_down()

    def onSceneClosed(self, _caller: Any, _event: Any) -> None:
        """Nothing is shown any more."""
        self.ui.saveButton.enabled = False
        self._say("")

    def onDatasetChanged(self, *_path: str) -> None:
        """List the subjects of the dataset."""
        self.ui.subjectSelector.clear()
        if self.ui.datasetPath.currentPath:
            with self._errorsShown():
                self.ui.subjectSelector.addItems(self._dataset().subjects())
                self._say("")

    def onSubjectChanged(self, subject: str) -> None:
        """List who annotated the subject, the consensus first."""
        self.ui.annotatorSelector.clear()
        if subject:
            with self._errorsShown():
                for annotator in self._dataset().annotators(subject):
                    self.ui.annotatorSelector.addItem(annotator, annotator)
                if self._dataset().markers().is_dir():
                    self.ui.annotatorSelector.insertItem(0, _("Consensus"), "")
                    self.ui.annotatorSelector.currentIndex = 0

    def onBuild(self) -> None:
        """Build the surfaces of the chosen annotation."""
        self._cancelled = False
        self.ui.buildButton.enabled, self.ui.cancelButton.enabled = False, True
        with self._errorsShown():
            subject = self.ui.subjectSelector.currentText
            self.session.open(
                Path(self.ui.datasetPath.currentPath), subject, self.ui.annotatorSelector.currentData or None
            )
            self.session.build(ModelSettings(roots=RootSettings(self.ui.radiusSpinBox.value)), self._progress)
            self._say(_("{count} surfaces are shown in place.").format(count=len(self.session.nodes)))
        self.ui.progressBar.value = 0
        self.ui.buildButton.enabled, self.ui.cancelButton.enabled = True, False
        self.ui.saveButton.enabled = self.session.model is not None

    def onCancel(self) -> None:
        """Have the running work stop."""
        self._cancelled = True

    def onSave(self) -> None:
        """Write the surfaces."""
        with self._errorsShown():
            files = self.session.save()
            self._say(_("{count} files were written to {folder}.").format(count=len(files), folder=files[0].parent))

    def _dataset(self) -> Dataset:
        return Dataset.open(Path(self.ui.datasetPath.currentPath))

    def _progress(self, fraction: float, _text: str) -> bool:
        self.ui.progressBar.value = int(100 * fraction)
        slicer.app.processEvents()
        return not self._cancelled

    def _say(self, text: str) -> None:
        self.ui.messageLabel.text = text

    @contextmanager
    def _errorsShown(self) -> Iterator[None]:
        try:
            yield
        except SpineRootError as error:
            self._say(str(error))


class SpineRootModelerTest(ScriptedLoadableModuleTest):
    """The self-test that Slicer runs."""

    def runTest(self) -> None:
        """The module opens with nothing to build."""
        slicer.mrmlScene.Clear()
        slicer.util.selectModule("SpineRootModeler")
        widget = slicer.modules.SpineRootModelerWidget
        self.assertEqual(MISSING, "")
        self.assertFalse(widget.ui.saveButton.enabled)
