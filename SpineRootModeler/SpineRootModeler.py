"""SpineRootModeler: distances, discussion and the model, in place. What it does is in `SpineRootModelerLib`."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)

# Slicer lists a module whose folders are incomplete all the same, and says what is missing when it is opened.
try:
    from SpineRootModelerLib.session import ModelSession
    from SpineRootModelerWidgets.compare_section import CompareSection
    from SpineRootModelerWidgets.dataset_section import DatasetSection
    from SpineRootModelerWidgets.discuss_section import DiscussSection
    from SpineRootModelerWidgets.export_section import ExportSection
    from SpineRootModelerWidgets.mark_clicks import MarkClicks
    from SpineRootModelerWidgets.panel import Panel
    from SpineRootModelerWidgets.plot_clicks import PlotClicks
    from SpineRootModelerWidgets.subject_section import SubjectSection
    from SpineRootModelerWidgets.surfaces_section import SurfacesSection

    MISSING = ""
except ModuleNotFoundError as error:
    MISSING = str(error)

_TICK_MS = 300


_PAGE = "https://github.com/SlicerSpineRoot/SlicerSpineRoot"


class SpineRootModeler(ScriptedLoadableModule):
    """The module as Slicer lists it."""

    def __init__(self, parent: Any):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("SpineRoot Modeler")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Surface Models")]
        self.parent.dependencies = ["SpineRootAnnotator"]
        self.parent.contributors = ["SpineRoot contributors"]
        self.parent.helpText = _(
            "Compares annotators of nerve roots, settles what differs, makes the consensus, and builds surfaces of"
            " dura, cerebrospinal fluid, cord and nerve roots where the images lie. See the"
            " <a href='{page}#tutorial'>tutorial</a> and how"
            " <a href='{page}/blob/main/Documentation/annotation-protocol.md#how-two-annotators-agree'>two annotators"
            " agree</a>."
        ).format(page=_PAGE)
        self.parent.acknowledgementText = _(
            "The method follows Liu et al., Scientific Data 2024,"
            " <a href='https://doi.org/10.1038/s41597-024-03919-4'>doi:10.1038/s41597-024-03919-4</a>."
            " <a href='{page}#how-to-cite'>How to cite</a>."
        ).format(page=_PAGE)


class SpineRootModelerWidget(ScriptedLoadableModuleWidget):
    """Puts the sections of the panel together."""

    def __init__(self, parent: Any = None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        self.session: ModelSession | None = None
        self._entered = False

    def setup(self) -> None:
        """Called when the module is opened for the first time."""
        ScriptedLoadableModuleWidget.setup(self)
        panel = slicer.util.loadUI(self.resourcePath("UI/SpineRootModeler.ui"))
        self.layout.addWidget(panel)
        self.ui = slicer.util.childWidgetVariables(panel)
        panel.setMRMLScene(slicer.mrmlScene)
        if MISSING:
            panel.enabled = False
            said = _("Add the folder SpineRootAnnotator to the module paths as well: {error}")
            self.ui.messageLabel.text = said.format(error=MISSING)
            return
        self.session = ModelSession(slicer.mrmlScene)
        shared = Panel(self.ui, self.session)
        self.subject = SubjectSection(shared)
        self.compare = CompareSection(shared, self.subject)
        self.discuss = DiscussSection(shared, self.subject)
        self.surfaces = SurfacesSection(shared, self.subject)
        self.export = ExportSection(shared)
        self.whole = DatasetSection(shared, self.subject)
        self.clicks = PlotClicks(shared)
        self.marks = MarkClicks(shared)
        self.session.on_change.append(self.refresh)
        self._timer = qt.QTimer()
        self._timer.setInterval(_TICK_MS)
        self._timer.connect("timeout()", self.session.tick)
        self._timer.start()
        self.session.resume_from_scene()
        self.refresh()

    def cleanup(self) -> None:
        """Called when the module is reloaded or Slicer closes."""
        if self.session is not None:
            self._timer.stop()
            self.clicks.release()
            self.whole.cohort.close()
            self.session.on_change.clear()
            self.session.shut_down()

    def enter(self) -> None:
        """Called when the module is shown; the dataset is the one chosen last, in the Annotator as well."""
        if self.session is not None:
            self._entered = True
            if not self.ui.datasetPath.currentPath:
                self.ui.datasetPath.retrieveHistory()
            self.session.enter()
            self.discuss.enter()
            self.refresh()

    def exit(self) -> None:
        """Called when another module is shown: clicks do what they do in Slicer."""
        if self.session is not None:
            self._entered = False
            self.session.leave(annotating=slicer.util.selectedModule() == "SpineRootAnnotator")

    def refresh(self) -> None:
        """Show what the session says."""
        for section in (self.compare, self.discuss, self.surfaces, self.export, self.whole):
            section.refresh()
        self.clicks.listen()
        if self._entered:
            self.marks.listen()
        self.ui.messageLabel.text = self.session.message


class SpineRootModelerTest(ScriptedLoadableModuleTest):
    """The self-test that Slicer runs."""

    def runTest(self) -> None:
        """Two annotators of the sample subject are compared, discussed and agreed, and the surfaces built."""
        self.assertEqual(MISSING, "")
        from SpineRootAnnotatorWidgets.self_test_drivers import add_test_drivers

        add_test_drivers("SpineRootAnnotator")
        from SpineRootModelerWidgets.self_test import close_sample

        slicer.mrmlScene.Clear()
        slicer.util.selectModule("SpineRootModeler")
        with TemporaryDirectory(dir=slicer.app.temporaryPath, ignore_cleanup_errors=True) as folder:
            close_sample(self, slicer.modules.SpineRootModelerWidget, Path(folder))
