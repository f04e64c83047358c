"""The modeler's session: one subject, its annotators compared and discussed, and the surfaces built of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_on_image import told_of_image
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import SpineRootError
from SpineRootLib.generated_annotation import Generated
from SpineRootLib.place import Place
from SpineRootLib.progress import Progress, part
from SpineRootLib.surfaces import Model, ModelSettings
from SpineRootLib.translation import _
from SpineRootModelerLib.changes import ModelerChange
from SpineRootModelerLib.compare.comparison_scene import ComparisonScene
from SpineRootModelerLib.dataset.quality_chart import QualityChart, quality_of
from SpineRootModelerLib.scene import scene_memory
from SpineRootModelerLib.scene.subject_scene import SubjectScene
from SpineRootModelerLib.settings import ModelerSettings
from SpineRootModelerLib.subject_session import SubjectSession
from SpineRootModelerLib.surfaces.model_work import ModelWork
from SpineRootModelerLib.surfaces.segmentation import show_segmentation
from SpineRootModelerLib.work.comparison import Comparison
from SpineRootModelerLib.work.discussion import Discussion
from SpineRootModelerLib.work.export import ExportChoice
from SpineRootModelerLib.work.headline import headline, source_title
from SpineRootModelerLib.work.sources import DISCUSSED, as_discussed, files_of, read_seen
from SpineRootScene.camera import look_at
from SpineRootScene.render_pause import rendering_paused


class ModelSession(SubjectSession):
    """Compares annotators, settles what differs, builds surfaces and shows all of it on the MRML scene.

    Parameters
    ----------
    scene : the MRML scene.
    """

    def __init__(self, scene: Any, settings: ModelerSettings | None = None):
        self.settings = settings or ModelerSettings()
        # what surfaces are built from: an annotator's label, what is discussed, or None for the consensus
        self.source: str | None = None
        # what those that are shown were built from, empty for the consensus; None if that is not known
        self.built_from: str | None = None
        self.annotation: Annotation | None = None
        self.nodes: list[Any] = []
        self.comparison: ComparisonScene | None = None
        self.quality: QualityChart | None = None
        self._work: ModelWork | None = None
        super().__init__(scene)

    @property
    def model(self) -> Model | None:
        """The surfaces that are shown."""
        return None if self._work is None else self._work.model

    @property
    def work(self) -> ModelWork:
        """The surfaces of the open subject.

        Raises
        ------
        SpineRootError
            if no subject is open.
        """
        if self._work is None:
            raise SpineRootError(_("open a subject first"))
        return self._work

    def open(self, dataset: Path, subject: str, annotator: str | None) -> None:
        """Open a subject and read the annotation that surfaces are to be built from, the consensus for None.

        Raises
        ------
        SpineRootError
            if it cannot be read, or must not be seen yet; what was open before stays.
        """
        opened = Dataset.open(dataset)
        annotation = read_seen(opened, subject, annotator)
        self.open_subject(dataset, subject)
        self.annotation, self.source = annotation, annotator
        self._remember()
        self._warn(told_of_image(annotation))

    # -- comparing and discussing

    def compare(self, labels: Sequence[str], progress: Progress | None = None) -> None:
        """Compare annotators and show it.

        Raises
        ------
        SpineRootError
            if no subject is open, somebody has not signed off, or a file cannot be read; what is shown stays.
        """
        dataset, _on_scene = self._require_open()
        with self.at_work(_("comparing"), progress) as watched:
            comparison = Comparison.of(dataset, self.subject, labels, self.settings.disagreements, watched)
            self._show_comparison(Discussion(comparison, dataset.markers(), self.settings.by))
        self._remember()
        self.notify(ModelerChange.COMPARISON)
        self._warn(comparison.raters.warnings())

    def settle_as(self, by: str) -> None:
        """Say who settles from now on, for the record."""
        self.settings.by = by
        if self.comparison is not None:
            self.comparison.discussion.by = by

    def make_consensus(self, accept: bool = False, progress: Progress | None = None) -> Generated:
        """Write the consensus into ``derivatives/markers`` and show it; what no consensus wrote is kept aside.

        Raises
        ------
        SpineRootError
            if nothing is compared, or something has to be settled first.
        """
        shown = self._require_comparison()
        with self.at_work(_("making the consensus"), progress) as watched:
            consensus = shown.discussion.consensus(accept, watched, self.settings.average)
            made = shown.discussion.write(consensus)
            shown.show_consensus(consensus)
        self.notify(ModelerChange.COMPARISON)
        return made

    def write_agreement(self) -> list[str]:
        """Write tables and figures of the comparison; the names written are returned."""
        dataset, _on_scene = self._require_open()
        self.require_idle()
        return self._require_comparison().comparison.write(dataset)

    # -- surfaces

    def build(
        self, settings: ModelSettings | None = None, progress: Progress | None = None, measure_radii: bool = False
    ) -> None:
        """Build the surfaces of the chosen source and show them in place.

        Parameters
        ----------
        measure_radii : measure each root's radius in the CISS image.

        Raises
        ------
        SpineRootError
            if nothing is open, nothing can be built of it, or it was cancelled; what was shown before stays.
        """
        dataset, on_scene = self._require_open()
        agreed = self.settings.agreeing if self.source == DISCUSSED else 0.0
        ciss, first = on_scene.ciss if measure_radii else None, not self.nodes
        with self.at_work(_("building the surfaces"), progress) as watched:
            annotation, inputs = self._source(dataset, part(watched, 0.0, agreed))
            self.nodes = self.work.build(annotation, inputs, settings, part(watched, agreed, 1.0), ciss)
            self.annotation, self.built_from = annotation, self.source or ""
            if first:
                look_at(self.scene, self.nodes)
                if self.comparison is not None:
                    self.comparison.display.show_in_space(False)
            if self.settings.live:
                self.work.prepare_live()
        self._remember()
        self.notify(ModelerChange.SURFACES)

    def export(self, choice: ExportChoice, folder: Path | None = None, progress: Progress | None = None) -> list[Path]:
        """Write the surfaces, by default to the dataset's ``derivatives/model``; the files written are returned.

        Raises
        ------
        SpineRootError
            if nothing was built, or it cannot be written.
        """
        dataset, on_scene = self._require_open()
        folder = folder or dataset.derivative("model", self.subject)
        with self.at_work(_("exporting"), progress) as watched:
            return self.work.export(choice, folder, on_scene.ciss, watched)

    def show_segmentation(self, progress: Progress | None = None) -> Any:
        """Show what the surfaces were built from as a segmentation, for Slicer's export to DICOM SEG; its node.

        Raises
        ------
        SpineRootError
            if nothing was built, or there is no image.
        """
        _dataset, on_scene = self._require_open()
        annotation = self.work.require_annotation()
        with self.at_work(_("making the segmentation"), progress) as watched:
            settings, ciss = self.work.label_settings, on_scene.volumes.get("CISS")
            node, text = show_segmentation(self.scene, annotation, ciss, self._key, settings, watched)
        self.say(text)
        return node

    def save(self) -> list[Path]:
        """Write all surfaces and their report to the dataset's ``derivatives/model``."""
        return self.export(ExportChoice())

    def show_quality(self, progress: Progress | None = None) -> None:
        """Show SNR and CNR of every slice of the CISS image as a chart.

        Raises
        ------
        SpineRootError
            if no subject is open, or there is nothing to measure.
        """
        dataset, on_scene = self._require_open()
        annotation = self.annotation
        if annotation is None and self.comparison is not None:
            annotation = next(iter(self.comparison.comparison.raters.annotations.values()))
        with self.at_work(_("measuring the images"), progress) as watched:
            rows = quality_of(dataset, self.subject, annotation, watched)
            self.quality = QualityChart(on_scene.folder, self.subject)
            self.quality.show(rows)

    # -- what a click leads to

    def go_to_mark(self, series_id: str, row: int) -> None:
        """From a bar or a point of a chart to what it stands for."""
        if self.comparison is not None:
            self.comparison.go_to_mark(series_id, row)
        number = None if self.quality is None else self.quality.chart.place(series_id, row)
        if number is not None and self._on_scene is not None and self._on_scene.view is not None:
            self._on_scene.view.go_to(number)

    def go_to_model_row(self, row: int) -> None:
        """From a row of the model's table to where it is."""
        position = None if self.work.table is None else self.work.table.position(row)
        if position is not None and self._on_scene is not None:
            self._on_scene.navigation.go_to(position)

    def leave(self, annotating: bool) -> None:
        """Another module is shown: clicks place nothing more, and lead nowhere."""
        if self.comparison is not None:
            self.comparison.correction.stop()
        super().leave(annotating)

    @property
    def headline(self) -> str:
        """One line that says what is open and what is going on."""
        dataset = None if self.dataset is None else self.dataset.root
        compared = () if self.comparison is None else self.comparison.comparison.raters.labels
        return headline(dataset, self.subject, compared, self.built_from, self.long_work.title)

    def _show_comparison(self, discussion: Discussion) -> None:
        _dataset, on_scene = self._require_open()
        first = self.comparison is None and not self.nodes
        with rendering_paused():
            self._put_away()
            self.comparison = ComparisonScene(on_scene, discussion, self)
            if first:
                display = self.comparison.display
                look_at(self.scene, [display.node(label, on_slice=False) for label in display.shown])
                self.comparison.look_at_sac()

    def _source(self, dataset: Dataset, progress: Progress | None) -> tuple[Annotation, list[Path]]:
        """The annotation to build from, as it is now, and the files that it comes from."""
        if self.source == DISCUSSED:
            return as_discussed(dataset, self._require_comparison().discussion, progress)
        return read_seen(dataset, self.subject, self.source), files_of(dataset, self.subject, self.source)

    def _warn(self, sentences: Iterable[str]) -> None:
        told = " ".join(f"{sentence}." for sentence in sentences)
        if told:
            self.say(told)

    def settled(self, places: Sequence[Place]) -> None:
        """Places of one structure were settled: the root that it is, is built again at once, if the user wants that."""
        root = places[0].root
        if not self.settings.live or self.model is None or root is None or self.comparison is None:
            return
        if self.built_from != DISCUSSED:
            silent = _(
                "Live changes surfaces of what is discussed; these are surfaces of {source}: choose what is discussed"
                " and press Build."
            )
            self.say(silent.format(source=source_title(self.built_from or "")))
        elif self.comparison.discussion.of_names(places[0]):
            self.say(_("Build again: the names of roots are others now, and Live changes one root at a time."))
        elif self.annotation is not None:
            for place in places:
                self.comparison.discussion.put_agreed(self.annotation, place)
            self.work.rebuild_root(self.annotation, root)
            self.notify(ModelerChange.SURFACES)

    def _clicked(self, view_node: Any, interactor: Any, pixel: tuple[int, int]) -> None:
        if self.comparison is not None:
            self.comparison.click(view_node, interactor, pixel)

    def _require_comparison(self) -> ComparisonScene:
        if self.comparison is None:
            raise SpineRootError(_("compare the annotators first"))
        return self.comparison

    def _begin(self, on_scene: SubjectScene) -> None:
        self._work = ModelWork(self.scene, on_scene.folder, self._key)

    def _put_away(self) -> None:
        if self.comparison is not None:
            self.comparison.close()
            self.comparison.folder.remove()
            self.comparison = None

    def _end(self) -> None:
        if self.comparison is not None:
            self.comparison.close()
        self.annotation = self._work = self.comparison = self.quality = None
        self.source, self.built_from, self.nodes = None, None, []

    def _resume(self, opened: scene_memory.RememberedSubject) -> None:
        self.source = opened.source or None
        self.nodes = list(self.work.surfaces.by_part().values())
        if opened.compared:
            self.compare(opened.compared)

    def _remembered(self) -> tuple[str, tuple[str, ...]]:
        compared = () if self.comparison is None else self.comparison.comparison.raters.labels
        return self.source or "", compared

    def _restore(self) -> None:
        if self.comparison is not None:
            self.comparison.restore()

    def _stepped(self, number: int) -> None:
        if self.comparison is not None:
            self.comparison.display.draw_slice(number)
