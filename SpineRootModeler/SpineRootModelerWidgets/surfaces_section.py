"""Building surfaces: from what, how, and what is to be said of them."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import slicer
from slicer.i18n import tr as _

from SpineRootLib.errors import SpineRootError
from SpineRootLib.surfaces import ModelSettings
from SpineRootLib.surfaces.settings import (
    BOTTOM_ENDS,
    ENDS,
    MeshSettings,
    RootSettings,
    WallEndSettings,
    WallSmoothingSettings,
)
from SpineRootModelerLib.changes import ModelerChange
from SpineRootModelerLib.scene import layouts
from SpineRootModelerLib.surfaces.legend import legend_text
from SpineRootModelerLib.surfaces.parameter_help import detail_text, smoothing_text
from SpineRootModelerWidgets.panel import Panel, rows_react, show_node
from SpineRootModelerWidgets.subject_section import SubjectSection

_FLUID_LIBRARY = "manifold3d"


class SurfacesSection:
    """Has the session build, and shows what was moved."""

    shows = frozenset({ModelerChange.SUBJECT, ModelerChange.SURFACES})

    def __init__(self, panel: Panel, subject: SubjectSection):
        self._panel, self._ui, self._session, self._subject = panel, panel.ui, panel.session, subject
        self._shown: Any = None
        default, ui = ModelSettings(), self._ui
        words = (_("flat"), _("open"), _("sac"), _("continued to the ganglia"))
        titles = dict(zip(BOTTOM_ENDS, words, strict=True))
        for selector, kinds, end in (
            (ui.topSelector, ENDS, default.ends.dura_top),
            (ui.bottomSelector, BOTTOM_ENDS, default.ends.dura_bottom),
        ):
            for kind in kinds:
                selector.addItem(titles[kind], kind)
            selector.currentIndex = selector.findData(end)
        ui.radiusSpinBox.value = default.roots.radius_mm
        ui.smoothingSpinBox.value = default.walls.smoothing
        ui.detailSpinBox.connect("valueChanged(double)", self.onNumber)
        ui.smoothingSpinBox.connect("valueChanged(double)", self.onNumber)
        self.onNumber()
        ui.buildButton.connect("clicked(bool)", self.onBuild)
        ui.installButton.connect("clicked(bool)", self.onInstall)
        ui.installButton.visible = find_spec(_FLUID_LIBRARY) is None
        rows_react(ui.modelTable, lambda row: panel.act(lambda: self._session.go_to_model_row(row)))

    def onNumber(self, *_value: float) -> None:
        """Say beside each number what it means."""
        for box, text in ((self._ui.detailSpinBox, detail_text), (self._ui.smoothingSpinBox, smoothing_text)):
            box.suffix = f"   ({text(box.value)})"

    def onBuild(self) -> None:
        """Build the surfaces of what is chosen."""
        if not self._subject.open_chosen():
            return
        if self._ui.annotatorSelector.count == 0:
            self._session.say(_("Nothing to build from: nobody has annotated this subject and signed it off yet."))
            return
        source = self._ui.annotatorSelector.currentData
        self._panel.work(lambda: self._build(source))

    def onInstall(self) -> None:
        """Install what the surface of the fluid needs; asked for by its own button, never unasked."""
        self._panel.act(self._install)

    def _install(self) -> None:
        self._session.say(_("Installing {library} ...").format(library=_FLUID_LIBRARY))
        with self._session.at_work(_("installing {library}").format(library=_FLUID_LIBRARY), None):
            slicer.app.processEvents()
            try:
                slicer.util.pip_install(_FLUID_LIBRARY)
            except Exception as error:  # pip's own faults, such as no network, have no common type
                fault = _("{library} was not installed: {error}").format(library=_FLUID_LIBRARY, error=error)
                raise SpineRootError(fault) from error
        self._ui.installButton.visible = False
        self._session.say(_("{library} is installed; build again.").format(library=_FLUID_LIBRARY))

    def refresh(self) -> None:
        """Show what is to be said of the surfaces."""
        model = self._session.model
        if model is not self._shown:
            self._shown = model
            self._ui.legendLabel.text = "" if model is None else legend_text(model.parts)
            show_node(self._ui.modelTable, None if model is None else self._session.work.table.node)

    def settings(self) -> ModelSettings:
        """The settings as the widgets show them."""
        ui = self._ui
        return ModelSettings(
            walls=WallSmoothingSettings(smoothing=ui.smoothingSpinBox.value),
            mesh=MeshSettings().scaled(ui.detailSpinBox.value),
            roots=RootSettings(ui.radiusSpinBox.value),
            ends=WallEndSettings(ui.topSelector.currentData, ui.bottomSelector.currentData),
        )

    def _build(self, source: str) -> None:
        session = self._session
        session.source = source or None
        if session.model is None and self._ui.layoutCheckBox.checked and session.comparison is None:
            layouts.arrange(session.scene, layouts.SURFACES)  # views with surfaces in them take long to be arranged
        session.build(self.settings(), self._panel.progress, self._ui.measureCheckBox.checked)
        conflicts = len(session.model.report.get("conflicts", []))
        sentence = _("The surfaces are shown in place. Surfaces: {count}. Conflicts: {conflicts}.")
        session.say(sentence.format(count=len(session.nodes), conflicts=conflicts))
