"""SpineRootAnnotator: an annotator's hour. The panel; what it does is in `SpineRootAnnotatorLib`."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)

from SpineRootAnnotatorLib.session import AnnotationSession
from SpineRootAnnotatorWidgets.finishing import Finishing
from SpineRootAnnotatorWidgets.importing import Importing
from SpineRootAnnotatorWidgets.keys_table import KeysTable, chosen_keys
from SpineRootAnnotatorWidgets.opening import Opening
from SpineRootAnnotatorWidgets.pulse import Pulse
from SpineRootAnnotatorWidgets.quality_label import QualityLabel
from SpineRootAnnotatorWidgets.reviewing import Reviewing
from SpineRootAnnotatorWidgets.sample import make_sample, register_sample
from SpineRootAnnotatorWidgets.shortcuts import Shortcuts
from SpineRootAnnotatorWidgets.working import Working

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
            " <a href='{page}#tutorial'>tutorial</a> and the"
            " <a href='{page}/blob/main/Documentation/annotation-protocol.md'>protocol for annotators</a>."
        ).format(page=_PAGE)
        self.parent.acknowledgementText = _(
            "The method follows Liu et al., Scientific Data 2024,"
            " <a href='https://doi.org/10.1038/s41597-024-03919-4'>doi:10.1038/s41597-024-03919-4</a>."
            " <a href='{page}#how-to-cite'>How to cite</a>."
        ).format(page=_PAGE)
        slicer.app.connect("startupCompleted()", register_sample)


class SpineRootAnnotatorWidget(ScriptedLoadableModuleWidget):
    """Puts the parts of the panel together, and gives the session its pulse."""

    def __init__(self, parent: Any = None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        self.session: AnnotationSession | None = None

    def setup(self) -> None:
        """Called when the module is opened for the first time."""
        ScriptedLoadableModuleWidget.setup(self)
        panel = slicer.util.loadUI(self.resourcePath("UI/SpineRootAnnotator.ui"))
        self.layout.addWidget(panel)
        self.ui = slicer.util.childWidgetVariables(panel)
        self.session = AnnotationSession(slicer.mrmlScene, keys=chosen_keys())
        self.working = Working(self.ui, self.session)
        self.keys = KeysTable(self.ui, self.session)
        self.reviewing = Reviewing(self.ui, self.session)
        self.finishing = Finishing(self.ui, self.session)
        self.quality = QualityLabel(self.ui, self.session)
        self.shortcuts = Shortcuts(self.session)
        self.opening = Opening(self.ui, self.session, self.onOpened)
        self.session.on_change.append(self.refresh)
        self.importing = Importing(self.ui, self.opening.onDatasetChanged)
        self.ui.closeButton.connect("clicked(bool)", self.onClose)
        self.ui.sampleButton.connect("clicked(bool)", self.onSample)
        self.pulse = Pulse(self.session, self.onTick)
        self.session.resume_from_scene()
        self.refresh()

    def cleanup(self) -> None:
        """Called when the module is reloaded or Slicer closes."""
        self.pulse.stop()
        self.importing.cancel()
        self.shortcuts.release()
        self.session.on_change.clear()
        self.session.shut_down()

    def enter(self) -> None:
        """Called when the module is shown."""
        self._entered = True
        if self.session is not None:
            self.session.enter()
        self.refresh()

    def exit(self) -> None:
        """Called when another module is shown: keys and clicks are Slicer's again."""
        self._entered = False
        self.shortcuts.release()
        self.session.leave()

    def refresh(self) -> None:
        """Show what the session says."""
        self.opening.refresh()
        self.working.refresh()
        self.working.refresh_state()
        self.keys.refresh()
        self.reviewing.refresh()
        self.finishing.refresh()
        if self._entered:
            self.shortcuts.bind()

    def onOpened(self) -> None:
        """A subject was opened: make room for the work, and look at all of it in 3D."""
        self.ui.subjectSection.collapsed = True
        self.session.look_in_space()

    def onClose(self) -> None:
        """Put the subject away, and offer the next."""
        self.session.close()
        self.ui.subjectSection.collapsed = False
        self.opening.onDatasetChanged()

    def onTick(self) -> None:
        """Let the session do what is due."""
        self.session.tick()
        self.working.refresh_state()
        self.quality.refresh()

    def onSample(self) -> None:
        """Make the synthetic subject and open it."""
        folder = make_sample(self._sampleProgress)
        self.ui.datasetPath.currentPath = str(folder)
        if not self.ui.annotatorEdit.text:
            self.ui.annotatorEdit.text = "me"
        self.opening.onOpen()

    def _sampleProgress(self, fraction: float, _text: str) -> bool:
        self.session.say(_("Making the sample subject: {percent} %").format(percent=int(100 * fraction)))
        slicer.app.processEvents()
        return True

    _entered = False


class SpineRootAnnotatorTest(ScriptedLoadableModuleTest):
    """The self-test that Slicer runs."""

    def runTest(self) -> None:
        """The sample subject is annotated by clicks and keys, saved, and opened again."""
        from SpineRootAnnotatorWidgets.self_test import annotate_sample

        slicer.mrmlScene.Clear()
        slicer.util.selectModule("SpineRootAnnotator")
        with TemporaryDirectory(dir=slicer.app.temporaryPath, ignore_cleanup_errors=True) as folder:
            annotate_sample(self, slicer.modules.SpineRootAnnotatorWidget, Path(folder))
