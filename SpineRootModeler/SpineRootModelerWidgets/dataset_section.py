"""The whole dataset side by side, its agreement, and one subject's image quality."""

from __future__ import annotations

from slicer.i18n import tr as _

from SpineRootLib.dataset import Dataset
from SpineRootModelerLib.changes import ModelerChange
from SpineRootModelerLib.dataset.cohort_chart import CohortChart
from SpineRootModelerLib.dataset.cohort_scene import CohortScene
from SpineRootModelerWidgets.panel import Panel
from SpineRootModelerWidgets.subject_section import SubjectSection
from SpineRootScene.camera import look_at


class DatasetSection:
    """Shows what all subjects say together."""

    shows = frozenset({ModelerChange.SUBJECT})

    def __init__(self, panel: Panel, subject: SubjectSection):
        self._panel, self._ui, self._session, self._subject = panel, panel.ui, panel.session, subject
        self.cohort = CohortScene(panel.session.scene)
        self._ui.cohortButton.connect("clicked(bool)", self.onShow)
        self._ui.cohortChartButton.connect("clicked(bool)", self.onChart)
        self._ui.hideCohortButton.connect("clicked(bool)", self.onHide)
        self._ui.qualityButton.connect("clicked(bool)", self.onQuality)

    def onShow(self) -> None:
        """Show all exported models."""

        def show() -> None:
            with self._session.at_work(_("showing the dataset"), self._panel.progress) as watched:
                self.cohort.show(Dataset.open(self._subject.folder), watched)
            shown = _("Models: {count}. The tops of their duras are at one level.")
            self._session.say(shown.format(count=len(self.cohort.subjects)))

        self._panel.work(show)
        self.refresh()

    def onChart(self) -> None:
        """Show the agreement over all subjects."""
        self._panel.act(lambda: CohortChart(self.cohort.folder).show(Dataset.open(self._subject.folder)))

    def onHide(self) -> None:
        """Take the models out of the views."""
        self.cohort.close()
        look_at(self._session.scene, self._session.nodes)
        self.refresh()

    def refresh(self) -> None:
        """Let the cohort be hidden as long as it is shown."""
        self._ui.hideCohortButton.enabled = self.cohort.is_shown

    def onQuality(self) -> None:
        """Show SNR and CNR of the subject's slices."""
        if self._subject.open_chosen() and self._panel.work(lambda: self._session.show_quality(self._panel.progress)):
            self._session.say(_("The chart shows the quality of each slice; a click on a point goes to its slice."))
