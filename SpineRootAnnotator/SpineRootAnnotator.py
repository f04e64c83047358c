"""SpineRootAnnotator: the panel in which nerve roots are annotated, and its logic for other modules and scripts.

What the panel does is in `SpineRootAnnotatorLib`.
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
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)

from SpineRootAnnotatorLib.changes import Change
from SpineRootAnnotatorLib.mask_intake import MaskChoice, import_masks, told
from SpineRootAnnotatorLib.saying import Kind
from SpineRootAnnotatorLib.scripting import current_annotation, export_annotation, propose_root
from SpineRootAnnotatorLib.session import AnnotationSession
from SpineRootAnnotatorWidgets.finishing import Finishing
from SpineRootAnnotatorWidgets.importing import Importing
from SpineRootAnnotatorWidgets.keys_window import KeysWindow, chosen_keys
from SpineRootAnnotatorWidgets.mask_importing import MaskImporting
from SpineRootAnnotatorWidgets.opening import Opening, annotator_here
from SpineRootAnnotatorWidgets.panel_fault import show_fault
from SpineRootAnnotatorWidgets.parameter_node import SpineRootAnnotatorParameterNode
from SpineRootAnnotatorWidgets.quality_label import QualityLabel
from SpineRootAnnotatorWidgets.queueing import Queueing
from SpineRootAnnotatorWidgets.reviewing import Reviewing
from SpineRootAnnotatorWidgets.sample import make_sample, register_sample
from SpineRootAnnotatorWidgets.screen_room import is_narrow
from SpineRootAnnotatorWidgets.self_test_drivers import add_test_drivers
from SpineRootAnnotatorWidgets.session_timer import SessionTimer
from SpineRootAnnotatorWidgets.shortcuts import Shortcuts
from SpineRootAnnotatorWidgets.status_line import StatusLine
from SpineRootAnnotatorWidgets.working import Working
from SpineRootLib.annotation import Annotation
from SpineRootLib.errors import SpineRootError

_PAGE = "https://github.com/SlicerSpineRoot/SlicerSpineRoot"


class SpineRootAnnotator(ScriptedLoadableModule):
    """The module as Slicer lists it."""

    def __init__(self, parent: Any):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("SpineRoot Annotator")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.contributors = ["SpineRoot contributors"]
        self.parent.helpText = _(
            "Leads an annotator through the nerve roots L1-S2 of a subject, saved as BIDS-named markups. See the"
            " <a href='{page}/blob/main/Documentation/tutorial.md'>tutorial</a> and the"
            " <a href='{page}/blob/main/Documentation/annotation-protocol.md'>protocol for annotators</a>."
        ).format(page=_PAGE)
        self.parent.acknowledgementText = _(
            "The method follows Liu et al., Scientific Data 2024,"
            " <a href='https://doi.org/10.1038/s41597-024-03919-4'>doi:10.1038/s41597-024-03919-4</a>."
            " <a href='{page}#how-to-cite'>How to cite</a>."
        ).format(page=_PAGE)
        slicer.app.connect("startupCompleted()", register_sample)


class SpineRootAnnotatorWidget(ScriptedLoadableModuleWidget):
    """Puts the parts of the panel together, and gives the session its pulse.

    A fault while they are put together is shown in their place, and leaves a panel that can be entered, left and
    reloaded.
    """

    def __init__(self, parent: Any = None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        self.logic: SpineRootAnnotatorLogic | None = None
        self.session: AnnotationSession | None = None
        self.timer: SessionTimer | None = None
        self.importing: Importing | None = None
        self.shortcuts: Shortcuts | None = None
        self.status: StatusLine | None = None
        self.keys: KeysWindow | None = None
        self.parts: tuple[Any, ...] = ()  # what shows the session, each with a `refresh`
        self._entered = False

    def setup(self) -> None:
        """Called when the module is opened for the first time."""
        ScriptedLoadableModuleWidget.setup(self)
        try:
            self._put_together()
        except Exception:
            logging.exception(_("The panel of SpineRoot Annotator could not be put together."))
            show_fault(self.layout, traceback.format_exc())

    def _put_together(self) -> None:
        panel = slicer.util.loadUI(self.resourcePath("UI/SpineRootAnnotator.ui"))
        self.layout.addWidget(panel)
        self.ui = slicer.util.childWidgetVariables(panel)
        panel.setMRMLScene(slicer.mrmlScene)
        self.logic = SpineRootAnnotatorLogic()
        self.session = self.logic.session
        self.session.settings.is_narrow = is_narrow
        self.status = StatusLine(self.ui, self.session)
        self.working = Working(self.ui, self.session)
        self.keys = KeysWindow(self.ui, self.session)
        self.masks = MaskImporting(self.ui, self.session)
        self.queue = Queueing(self.ui, self.session)
        self.reviewing = Reviewing(self.ui, self.session)
        self.finishing = Finishing(self.ui, self.session)
        self.quality = QualityLabel(self.ui, self.session)
        self.shortcuts = Shortcuts(self.session, self.keys.toggle)
        self.opening = Opening(self.ui, self.session, self.onOpened)
        self.session.changes.connect(self.bindKeys, Change.SUBJECT, Change.MODE, Change.KEYS)
        self.session.changes.connect(self.watchView, Change.SUBJECT, Change.MODE)
        self.importing = Importing(self.ui, self.opening.onDatasetChanged)
        self.ui.closeButton.connect("clicked(bool)", self.onClose)
        self.ui.sampleButton.connect("clicked(bool)", self.onSample)
        self.parts = (self.opening, self.working, self.keys, self.reviewing, self.finishing, self.status)
        for section in (self.ui.subjectSection, self.ui.workSection, self.ui.reviewSection, self.ui.finishSection):
            section.connect("contentsCollapsed(bool)", lambda closed, section=section: self.onSection(section, closed))
        self.timer = SessionTimer(self.session, self.onTick)
        self.session.resume_from_scene()
        self.refresh()

    def cleanup(self) -> None:
        """Called when the module is reloaded or Slicer closes: each part goes, whatever the others raise."""
        with ExitStack() as steps:
            if self.session is not None:
                steps.callback(self.session.shut_down)
                steps.callback(self.session.changes.clear)
            for part in (self.keys, self.status, self.shortcuts):
                if part is not None:
                    steps.callback(part.release)
            if self.importing is not None:
                steps.callback(self.importing.cancel)
            if self.timer is not None:
                steps.callback(self.timer.stop)

    def enter(self) -> None:
        """Called when the module is shown."""
        self._entered = True
        if self.session is not None:
            self.session.enter()
        self.refresh()

    def exit(self) -> None:
        """Called when another module is shown: keys and clicks are Slicer's again."""
        self._entered = False
        if self.shortcuts is not None:
            self.shortcuts.release()
        if self.keys is not None:
            self.keys.window.hide()
        if self.session is not None:
            self.session.leave()

    def refresh(self) -> None:
        """Show all of the session; after that each part shows what it depends on as it changes."""
        for part in self.parts:
            part.refresh()
        self.bindKeys()

    def bindKeys(self) -> None:
        """Bind the keys of the mode while the module is shown."""
        if self._entered and self.shortcuts is not None:
            self.shortcuts.bind()

    def watchView(self) -> None:
        """Have drags in the CISS view told from clicks, and those on the strip heard."""
        layout, subject = slicer.app.layoutManager(), self.session.subject
        widget = None if layout is None else layout.sliceWidget(self.session.settings.ciss_view)
        if widget is not None:
            self.session.presses.watch(widget.sliceView().interactor())
        if subject is not None and subject.strip.shown and layout is not None:
            strip = layout.sliceWidget(subject.strip.view.name)
            if strip is not None:
                subject.strip.hands.watch(strip.sliceView().interactor())

    def onSection(self, section: Any, collapsed: bool) -> None:
        """Bring what was opened into sight, once it has its size; not while the module goes away."""
        if self._entered and not collapsed:
            qt.QTimer.singleShot(0, lambda: self.ui.sectionsArea.ensureWidgetVisible(section, 0, 0))

    def onOpened(self) -> None:
        """A subject was opened: make room for the work, and look at all of it in 3D."""
        self.ui.subjectSection.collapsed = True
        self.session.look_in_space()

    def onClose(self) -> None:
        """Put the subject away; the next one is offered then."""
        self.session.close()

    def onTick(self) -> None:
        """Let the session do what is due."""
        self.session.tick()
        self.quality.refresh()

    def onSample(self) -> None:
        """Make the synthetic subject and open it; meanwhile nothing of the panel can be pressed, and no key works."""
        self.parent.enabled = False
        self.shortcuts.release()
        try:
            folder = make_sample(self._sampleProgress)
        except (OSError, SpineRootError) as error:
            self.session.say(_("The sample subject was not made: {error}").format(error=error), Kind.FAULT)
            return
        finally:
            self.parent.enabled = True
            self.bindKeys()
        self.ui.datasetPath.currentPath = str(folder)
        if not self.ui.annotatorEdit.text:
            self.ui.annotatorEdit.text = "me"
        self.opening.onOpen()

    def _sampleProgress(self, fraction: float, _text: str) -> bool:
        self.session.say(_("Making the sample subject: {percent} %").format(percent=int(100 * fraction)))
        slicer.app.processEvents()
        return True


class SpineRootAnnotatorLogic(ScriptedLoadableModuleLogic):
    """What other modules and scripts can ask of the Annotator: ``slicer.util.getModuleLogic("SpineRootAnnotator")``.

    What goes wrong is raised as a `SpineRootLib.errors.SpineRootError` with one sentence.
    """

    def __init__(self, parent: Any = None):
        ScriptedLoadableModuleLogic.__init__(self, parent)
        self.session = AnnotationSession(slicer.mrmlScene, keys=chosen_keys(), annotator_here=annotator_here)

    def getParameterNode(self) -> SpineRootAnnotatorParameterNode:
        """What the scene remembers of the panel, typed."""
        return SpineRootAnnotatorParameterNode(ScriptedLoadableModuleLogic.getParameterNode(self))

    def openSubject(
        self, dataset: str | Path, subject: str, annotator: str, images: dict[str, str | Path] | None = None
    ) -> None:
        """Open a subject of a dataset for work, and go on where its annotator was; see `AnnotationSession.open`."""
        chosen = {name: Path(path) for name, path in (images or {}).items()}
        self.session.open(Path(dataset), subject, annotator, chosen)

    def showAnnotation(self, dataset: str | Path, subject: str, annotator: str | None = None) -> None:
        """Show an annotation, by default the consensus, that is not to be edited: nothing is locked or saved."""
        self.session.look_at(Path(dataset), subject, annotator)

    def closeSubject(self) -> None:
        """Save what is left to save, and close the subject."""
        self.session.close()

    def annotation(self) -> Annotation:
        """A copy of what is annotated in the scene now."""
        return current_annotation(self.session)

    def proposeRoot(self, root: str) -> int:
        """Propose the points of a root such as ``L3_L`` on all slices onwards; on how many there is a proposal now."""
        return propose_root(self.session, root)

    def importMasks(self, path: str | Path, table: str = "") -> list[str]:
        """Propose what a label map shows in the open subject; what came of it, in sentences. See `MaskChoice`."""
        result = import_masks(self.session, MaskChoice(Path(path), table=table))
        return [] if result is None else told(result)

    def exportAnnotation(self, folder: str | Path) -> list[Path]:
        """Write what is annotated as markups files into a folder; which files were written."""
        return export_annotation(self.session, Path(folder))


class SpineRootAnnotatorTest(ScriptedLoadableModuleTest):
    """The self-test that Slicer runs."""

    def runTest(self) -> None:
        """The sample subject is annotated by clicks and keys, saved, and opened again."""
        add_test_drivers("SpineRootAnnotator")
        from annotator_self_test import annotate_sample

        slicer.mrmlScene.Clear()
        slicer.util.selectModule("SpineRootAnnotator")
        with TemporaryDirectory(dir=slicer.app.temporaryPath, ignore_cleanup_errors=True) as folder:
            annotate_sample(self, slicer.modules.SpineRootAnnotatorWidget, Path(folder))
