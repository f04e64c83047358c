"""The modeler's session: one subject, its annotators compared and discussed, and the surfaces built of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from SpineRootAnnotatorLib.scene_events import SceneEvents
from SpineRootLib.agreement.consensus_files import resolutions_path
from SpineRootLib.agreement.disagreements import DisagreementSettings
from SpineRootLib.agreement.places import Place
from SpineRootLib.anatomy import GANGLIA, ROOTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import subject_folder
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import SpineRootError
from SpineRootLib.progress import Progress
from SpineRootLib.surfaces import Model, ModelSettings
from SpineRootModelerLib import scene_memory
from SpineRootModelerLib.camera import look_at
from SpineRootModelerLib.choices import require_seen
from SpineRootModelerLib.comparison import Comparison
from SpineRootModelerLib.comparison_scene import ComparisonScene
from SpineRootModelerLib.discussion import Discussion
from SpineRootModelerLib.export import ExportChoice, Exporter
from SpineRootModelerLib.model_work import ModelWork
from SpineRootModelerLib.quality_chart import QualityChart, quality_of
from SpineRootModelerLib.subject_scene import SubjectScene
from SpineRootModelerLib.translation import _

# what surfaces are built from, beside the consensus (None) and an annotator (a label)
DISCUSSED = "as-discussed"


@dataclass
class ModelerSettings:
    """What the user can set of a session.

    Parameters
    ----------
    live : a root is built again at once when one of its points is settled.
    by : who settles disagreements, for the record.
    """

    disagreements: DisagreementSettings = field(default_factory=DisagreementSettings)
    live: bool = False
    by: str = ""


class ModelSession:
    """Compares annotators, settles what differs, builds surfaces and shows all of it on the MRML scene.

    Parameters
    ----------
    scene : the MRML scene.
    """

    def __init__(self, scene: Any, settings: ModelerSettings | None = None):
        self.scene, self.settings = scene, settings or ModelerSettings()
        self.on_change: list[Callable[[], None]] = []
        self.message = ""
        self.dataset: Dataset | None = None
        self.subject = ""
        self.source: str | None = None
        self.annotation: Annotation | None = None
        self.nodes: list[Any] = []
        self.comparison: ComparisonScene | None = None
        self.quality: QualityChart | None = None
        self._on_scene: SubjectScene | None = None
        self._work: ModelWork | None = None
        self._lost = self._loaded = False
        self._events = SceneEvents(scene, self.forget, self._imported, self._node_lost)

    # -- the subject

    @property
    def is_open(self) -> bool:
        """Whether a subject is open."""
        return self._on_scene is not None

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

    def open_subject(self, dataset: Path, subject: str) -> None:
        """Load a subject's images; nothing of another subject stays open.

        Raises
        ------
        SpineRootError
            if there is no such dataset or subject; what was open before stays.
        """
        opened = Dataset.open(dataset)
        if subject not in opened.subjects():
            raise SpineRootError(_("sub-{subject} is not in {folder}").format(subject=subject, folder=dataset))
        if self.is_open and self.dataset == opened and self.subject == subject:
            return
        self.close()
        self._on_scene = SubjectScene(self.scene, opened, subject, self._stepped)
        self.dataset, self.subject = opened, subject
        self._work = ModelWork(self.scene, self._on_scene.folder, subject)
        self._remember()

    def open(self, dataset: Path, subject: str, annotator: str | None) -> None:
        """Open a subject and read the annotation that surfaces are to be built from, the consensus for None.

        Raises
        ------
        SpineRootError
            if it cannot be read, or must not be seen yet; what was open before stays.
        """
        opened = Dataset.open(dataset)
        annotation = self._read(opened, subject, annotator)
        self.open_subject(dataset, subject)
        self.annotation, self.source = annotation, annotator
        self._remember()

    def close(self) -> None:
        """Put the comparison away and forget the subject; images and surfaces stay on the scene."""
        self._close_comparison()
        if self._on_scene is not None:
            self._on_scene.close()
        self.forget()

    def shut_down(self) -> None:
        """Close and let go of the scene, which remembers what was open: the panel is going away."""
        remembered = scene_memory.read(self.scene)
        self.close()
        scene_memory.write(self.scene, remembered)
        self._events.close()

    def forget(self) -> None:
        """The scene was closed: nothing is open any more."""
        if self.comparison is not None:
            self.comparison.close()
        if self._on_scene is not None and self._on_scene.view is not None:
            self._on_scene.view.close()
        self.dataset = self.annotation = self._on_scene = self._work = self.comparison = self.quality = None
        self.subject, self.source, self.nodes = "", None, []
        scene_memory.write(self.scene, None)
        self._notify()

    def resume_from_scene(self) -> bool:
        """Open what the scene remembers, after it was loaded or the module reloaded; whether there was anything."""
        opened = scene_memory.read(self.scene)
        if opened is None or self.is_open:
            return False
        try:
            self.open_subject(opened.dataset, opened.subject)
            self.source = opened.source or None
            self.nodes = list(self.work.surfaces.by_part().values())
            if opened.compared:
                self.compare(opened.compared)
            self._remember()
        except SpineRootError as error:
            self.say(str(error))
        return self.is_open

    # -- comparing and discussing

    def compare(self, labels: Sequence[str], progress: Progress | None = None) -> None:
        """Compare annotators and show it.

        Raises
        ------
        SpineRootError
            if no subject is open, somebody has not signed off, or a file cannot be read; what is shown stays.
        """
        dataset, on_scene = self._require_open()
        comparison = Comparison.of(dataset, self.subject, labels, self.settings.disagreements, progress)
        discussion = Discussion(comparison, dataset.markers(), self.settings.by)
        first = self.comparison is None and not self.nodes
        self._close_comparison()
        self.comparison = ComparisonScene(on_scene, comparison, discussion, self._settled, self.say)
        if first:
            display = self.comparison.display
            look_at(self.scene, [display.node(label, on_slice=False) for label in display.shown])
        self._remember()
        self._notify()

    def make_consensus(self, accept: bool = False, progress: Progress | None = None) -> list[Path]:
        """Write the consensus into ``derivatives/markers`` and show it; the files written are returned.

        Raises
        ------
        SpineRootError
            if nothing is compared, or something has to be settled first.
        """
        shown = self._require_comparison()
        consensus = shown.discussion.consensus(accept, progress)
        files = shown.discussion.write(consensus)
        shown.show_consensus(consensus)
        self._notify()
        return files

    def write_agreement(self) -> list[str]:
        """Write the tables and figures of the comparison; the names written are returned."""
        dataset, _on_scene = self._require_open()
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
        annotation, inputs = self._source(dataset)
        ciss, first = on_scene.ciss if measure_radii else None, not self.nodes
        self.nodes = self.work.build(annotation, inputs, settings, progress, ciss)
        self.annotation = annotation
        if first:
            look_at(self.scene, self.nodes)
        if self.settings.live:
            self.work.prepare_live()
        self._notify()

    def export(self, choice: ExportChoice, folder: Path | None = None, progress: Progress | None = None) -> list[Path]:
        """Write the surfaces, by default to the dataset's ``derivatives/model``; the files written are returned."""
        dataset, on_scene = self._require_open()
        if self.work.model is None or self.work.annotation is None:
            raise SpineRootError(_("build the surfaces first"))
        folder = folder or dataset.derivative("model", self.subject)
        work = self.work
        exporter = Exporter(work.model, work.annotation, folder, work.inputs, on_scene.ciss)
        return exporter.write(choice, progress)

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
        rows = quality_of(dataset, self.subject, self.annotation, progress)
        self.quality = QualityChart(on_scene.folder, self.subject)
        self.quality.show(rows)

    # -- what the panel asks and is told

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

    def tick(self) -> None:
        """Do what is due: what a loaded scene remembers is opened, nodes that the user deleted come back.

        Called a few times a second.
        """
        if self._loaded:
            self._loaded = False
            self.resume_from_scene()
        if self._lost:
            self._lost = False
            if self.comparison is not None:
                self.comparison.restore()

    def say(self, text: str) -> None:
        """Show a sentence to the user."""
        self.message = text
        self._notify()

    def changed(self) -> None:
        """Have the panel show what is new."""
        self._notify()

    def _read(self, dataset: Dataset, subject: str, annotator: str | None) -> Annotation:
        if annotator is not None:
            require_seen(dataset, subject, annotator)
        return dataset.read(subject, annotator)

    def _source(self, dataset: Dataset) -> tuple[Annotation, list[Path]]:
        """The annotation to build from, as it is now, and the files that it comes from."""
        if self.source == DISCUSSED:
            shown = self._require_comparison()
            labels = shown.comparison.raters.labels
            inputs = [path for label in labels for path in _markups(dataset.markers(label), self.subject)]
            settled = resolutions_path(dataset.markers(), self.subject)
            inputs += [settled] if settled.exists() else []
            return shown.discussion.consensus(accept=True).annotation, inputs
        annotation = self._read(dataset, self.subject, self.source)
        return annotation, _markups(dataset.markers(self.source), self.subject)

    def _settled(self, place: Place) -> None:
        """A place was settled: the root that it is on is built again at once, if the user wants that."""
        if self.settings.live and self.source == DISCUSSED and self.model is not None and self.comparison is not None:
            self._edit(place)
            if place.root is not None and self.annotation is not None:
                self.work.rebuild_root(self.annotation, place.root)
        self._notify()

    def _edit(self, place: Place) -> None:
        """Put what is agreed at a place into the annotation that the surfaces are built of."""
        assert self.annotation is not None and self.comparison is not None
        points = self.comparison.discussion.agreed(place)
        if place.structure == ROOTS and place.root is not None and place.slice is not None:
            self.annotation.set_root_point(place.root, place.slice, points)
        elif place.structure == GANGLIA and place.root is not None:
            self.annotation.set_ganglion(place.root, points)

    def _require_open(self) -> tuple[Dataset, SubjectScene]:
        if self.dataset is None or self._on_scene is None:
            raise SpineRootError(_("open a subject first"))
        return self.dataset, self._on_scene

    def _require_comparison(self) -> ComparisonScene:
        if self.comparison is None:
            raise SpineRootError(_("compare the annotators first"))
        return self.comparison

    def _close_comparison(self) -> None:
        if self.comparison is not None:
            self.comparison.close()
            self.comparison.folder.remove()
            self.comparison = None

    def _remember(self) -> None:
        if self.dataset is not None:
            compared = () if self.comparison is None else self.comparison.comparison.raters.labels
            source = self.source or ""
            scene_memory.write(self.scene, scene_memory.Opened(self.dataset.root, self.subject, source, compared))

    def _stepped(self, number: int) -> None:
        if self.comparison is not None:
            self.comparison.display.draw_slice(number)

    def _imported(self) -> None:
        # at the next pause: others, such as the subject hierarchy, are not done with the scene yet
        self._loaded = True

    def _node_lost(self) -> None:
        self._lost = True

    def _notify(self) -> None:
        for react in list(self.on_change):
            react()


def _markups(markers: Path, subject: str) -> list[Path]:
    """The files of a subject in an annotator's folder."""
    return sorted(path for path in subject_folder(markers, subject).iterdir() if path.suffix == ".json")
