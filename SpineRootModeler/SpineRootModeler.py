"""The module SpineRootModeler as Slicer loads it: distances, discussion and surfaces, in place.

What it does is in `SpineRootModelerLib`.
"""

from __future__ import annotations

import logging
import traceback
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.parameterNodeWrapper import parameterNodeWrapper
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)

# Slicer lists a module whose folders are incomplete all the same, and says what is missing when it is opened.
try:
    from SpineRootAnnotatorWidgets.panel_fault import show_fault
    from SpineRootModelerLib.changes import ModelerChange
    from SpineRootModelerLib.compare.comparison_scene import ComparisonScene
    from SpineRootModelerLib.session import ModelSession
    from SpineRootModelerWidgets.compare_section import CompareSection
    from SpineRootModelerWidgets.dataset_section import DatasetSection
    from SpineRootModelerWidgets.discuss_section import DiscussSection
    from SpineRootModelerWidgets.export_section import ExportSection
    from SpineRootModelerWidgets.mark_clicks import MarkClicks
    from SpineRootModelerWidgets.panel import Panel, Section
    from SpineRootModelerWidgets.plot_clicks import PlotClicks
    from SpineRootModelerWidgets.subject_section import SubjectSection
    from SpineRootModelerWidgets.surfaces_section import SurfacesSection

    MISSING = ""
except ModuleNotFoundError as error:
    MISSING = str(error)

# how soon a loaded scene is opened and a deleted node comes back; looking costs microseconds
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
            " <a href='{page}/blob/main/Documentation/tutorial.md'>tutorial</a> and how"
            " <a href='{page}/blob/main/Documentation/annotation-protocol.md#how-two-annotators-agree'>two annotators"
            " agree</a>."
        ).format(page=_PAGE)
        self.parent.acknowledgementText = _(
            "The method follows Liu et al., Scientific Data 2024,"
            " <a href='https://doi.org/10.1038/s41597-024-03919-4'>doi:10.1038/s41597-024-03919-4</a>."
            " <a href='{page}#how-to-cite'>How to cite</a>."
        ).format(page=_PAGE)


@parameterNodeWrapper
class SpineRootModelerParameterNode:
    """What a saved scene remembers of the module; the session writes it, others read it.

    dataset : folder of the dataset that is open, empty if none is
    subject : the subject that is open, without ``sub-``
    source : what surfaces are built from: an annotator's label, or empty for the consensus
    compared : labels of the annotators that are compared
    """

    dataset: str
    subject: str
    source: str
    compared: list[str]


class SpineRootModelerLogic(ScriptedLoadableModuleLogic):
    """Compares annotators, makes the consensus and builds surfaces, for the panel, other modules and scripts.

    ``slicer.util.getModuleLogic("SpineRootModeler")`` gives the panel's own, so that what a script opens is seen there.
    Faults are `SpineRootError`, each one sentence for the user.
    """

    def __init__(self) -> None:
        ScriptedLoadableModuleLogic.__init__(self)
        self.session = ModelSession(slicer.mrmlScene)

    def getParameterNode(self) -> SpineRootModelerParameterNode:
        """What the scene remembers of the module."""
        return SpineRootModelerParameterNode(super().getParameterNode())

    def openSubject(self, dataset: str | Path, subject: str) -> None:
        """Open a subject of a dataset, such as ``01``; its images are loaded."""
        self.session.open_subject(Path(dataset), subject)

    def compare(self, annotators: list[str]) -> ComparisonScene:
        """Compare annotators of the open subject and show it."""
        self.session.compare(annotators)
        return self.session.comparison

    def makeConsensus(self, accept: bool = False, average: str = "mean") -> list[Path]:
        """Write the consensus of those that are compared; the files written are returned.

        :param accept: average also what has to be settled and is not.
        :param average: ``mean``, ``median`` or ``weighted``.
        """
        self.session.settings.average = average
        return self.session.make_consensus(accept).files

    def build(self, source: str = "") -> list[slicer.vtkMRMLModelNode]:
        """Build the surfaces of the open subject and show them in place; their nodes are returned.

        :param source: an annotator's label, ``as-discussed``, or empty for the consensus.
        """
        self.session.source = source or None
        self.session.build()
        return self.session.nodes

    def export(self) -> list[Path]:
        """Write the surfaces and their report into the dataset's ``derivatives/model``; the files are returned."""
        return self.session.save()


class SpineRootModelerWidget(ScriptedLoadableModuleWidget):
    """Puts the sections of the panel together.

    A fault while they are put together is shown in their place, and leaves a panel that can be entered, left and
    reloaded.
    """

    def __init__(self, parent: Any = None):
        self.logic: SpineRootModelerLogic | None = None
        self.session: ModelSession | None = None
        self._timer: qt.QTimer | None = None
        self._sections: tuple[Section, ...] = ()
        self._entered = False
        self._is_whole = False
        ScriptedLoadableModuleWidget.__init__(self, parent)

    def setup(self) -> None:
        """Called when the module is opened for the first time."""
        ScriptedLoadableModuleWidget.setup(self)
        if MISSING:
            missing = _("Add the folder SpineRootAnnotator to the module paths as well: {error}")
            label = qt.QLabel(missing.format(error=MISSING))
            label.setWordWrap(True)
            self.layout.addWidget(label)
            return
        try:
            self._put_together()
        except Exception:
            logging.exception(_("The panel of SpineRoot Modeler could not be put together."))
            show_fault(self.layout, traceback.format_exc())

    def _put_together(self) -> None:
        form = slicer.util.loadUI(self.resourcePath("UI/SpineRootModeler.ui"))
        self.layout.addWidget(form)
        self.ui = slicer.util.childWidgetVariables(form)
        form.setMRMLScene(slicer.mrmlScene)
        self.logic = SpineRootModelerLogic()
        self.session = self.logic.session
        self._makeSections(Panel(self.ui, self.session))
        self.session.on_change.append(self.onChange)
        self._timer = qt.QTimer()
        self._timer.setInterval(_TICK_MS)
        self._timer.connect("timeout()", self.session.tick)
        self._timer.start()
        self.session.resume_from_scene()
        self._is_whole = True
        self.refresh()

    def cleanup(self) -> None:
        """Called when the module is reloaded or Slicer closes: each part goes, whatever the others raise."""
        with ExitStack() as steps:
            if self.session is not None:
                steps.callback(self.session.shut_down)
                steps.callback(self.session.on_change.clear)
            if self._is_whole:
                steps.callback(self.discuss.cleanup)
                steps.callback(self.whole.cohort.close)
                steps.callback(self.clicks.release)
            if self._timer is not None:
                steps.callback(self._timer.stop)

    def enter(self) -> None:
        """Called when the module is shown; the dataset is the one chosen last, in the Annotator as well."""
        if self._is_whole:
            self._entered = True
            if not self.ui.datasetPath.currentPath:
                self.ui.datasetPath.retrieveHistory()
            self.session.enter()
            self.subject.list_again()
            self.discuss.enter()
            self.refresh()

    def exit(self) -> None:
        """Called when another module is shown: clicks do what they do in Slicer."""
        if self._is_whole:
            self._entered = False
            self.discuss.exit()
            self.session.leave(annotating=slicer.util.selectedModule() == "SpineRootAnnotator")

    def onChange(self, change: ModelerChange) -> None:
        """Show what changed in the session."""
        if change is ModelerChange.MESSAGE:
            self.ui.messageLabel.text = self.session.message
            return
        self.ui.headlineLabel.text = self.session.headline
        if change is ModelerChange.WORK:
            self._panel.lock(self.session.long_work.is_running)
            return
        for section in self._sections:
            if change in section.shows:
                section.refresh()
        self._panel.keep_width()
        self._listen()

    def refresh(self) -> None:
        """Show all that the session says."""
        self.ui.headlineLabel.text = self.session.headline
        self.ui.messageLabel.text = self.session.message
        for section in self._sections:
            section.refresh()
        self._listen()

    def _makeSections(self, panel: Panel) -> None:
        self._panel = panel
        self.ui.cancelButton.connect("clicked(bool)", lambda _checked: panel.cancel())
        self.subject = SubjectSection(panel)
        self.compare = CompareSection(panel, self.subject)
        self.discuss = DiscussSection(panel, self.subject)
        self.surfaces = SurfacesSection(panel, self.subject)
        self.export = ExportSection(panel)
        self.whole = DatasetSection(panel, self.subject)
        self.clicks = PlotClicks(panel)
        self.marks = MarkClicks(panel)
        self._sections = (self.subject, self.compare, self.discuss, self.surfaces, self.export, self.whole)

    def _listen(self) -> None:
        """Hear clicks in the views that came since, too."""
        self.clicks.listen()
        if self._entered:
            self.marks.listen()


class SpineRootModelerTest(ScriptedLoadableModuleTest):
    """The self-test that Slicer runs; its steps are in `Testing/Python`."""

    def runTest(self) -> None:
        """Two annotators of the sample subject are compared, discussed and agreed, and the surfaces built."""
        self.assertEqual(MISSING, "")
        from SpineRootAnnotatorWidgets.self_test_drivers import add_test_drivers

        for module in ("SpineRootAnnotator", "SpineRootModeler"):
            add_test_drivers(module)
        from modeler_self_test import close_sample

        slicer.mrmlScene.Clear()
        slicer.util.selectModule("SpineRootModeler")
        with TemporaryDirectory(dir=slicer.app.temporaryPath, ignore_cleanup_errors=True) as folder:
            close_sample(self, slicer.modules.SpineRootModelerWidget, Path(folder))
