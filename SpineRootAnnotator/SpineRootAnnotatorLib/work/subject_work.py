"""One annotator's work on one subject: what is marked, undone, saved and locked; nothing of the screen."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from SpineRootAnnotatorLib.work.autosave import Autosave, SaveState
from SpineRootAnnotatorLib.work.file_stamps import FileStamps
from SpineRootAnnotatorLib.work.folder_lock import FolderLock
from SpineRootAnnotatorLib.work.foreign_fields import ForeignFields
from SpineRootAnnotatorLib.work.history import History, Step
from SpineRootAnnotatorLib.work.lock_holder import Holder
from SpineRootAnnotatorLib.work.marks import file_points
from SpineRootAnnotatorLib.work.stopwatch import Stopwatch
from SpineRootAnnotatorLib.work.strict_file_names import is_strict, make_strict
from SpineRootAnnotatorLib.work.writers import count_origins, description_writer, sidecar_writer, structure_writer
from SpineRootLib import __version__
from SpineRootLib.anatomy import DEFAULT_SEGMENTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import holds_markups, sidecar_path, write_annotation, write_provenance
from SpineRootLib.annotation_on_image import begun_on_image, read_on_image
from SpineRootLib.atomic import clear_unfinished
from SpineRootLib.clock import local, now, stamp
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import SpineRootError
from SpineRootLib.images import describe_image
from SpineRootLib.naming import annotator_label, check_own, parse_markups_name, subject_label, subject_path
from SpineRootLib.place import Place
from SpineRootLib.provenance import Provenance
from SpineRootLib.translation import _

_RESUME = "Resume"
_LOG = logging.getLogger(__name__)


class LockedError(SpineRootError):
    """Somebody else works on the same annotator's subject."""

    def __init__(self, holder: Holder, folder: Path):
        self.holder = holder
        sentence = _("{user} on {host} has had it open since {since}")
        super().__init__(sentence.format(user=holder.user, host=holder.host, since=local(holder.since)), folder)


class SubjectWork:
    """The annotation of a subject by an annotator, and its files.

    Parameters
    ----------
    markers : the annotator's folder of markups, ``derivatives/markers-A``.
    images : the subject's image files by name (``CISS``, ``DESS``, ``T2TSE``), as far as they are there.
    """

    def __init__(self, dataset: Dataset, annotation: Annotation, markers: Path, images: Mapping[str, Path]):
        self.dataset, self.annotation = dataset, annotation
        self.markers, self.images = markers, dict(images)
        self.history, self.stopwatch = History(), Stopwatch()
        self.files = FileStamps()
        self.lock = FolderLock(self.folder / f"sub-{annotation.subject}_annotation.lock")
        self.autosave = Autosave(self.folder, self.files, on_look=self.lock.refresh)
        self._foreign_fields = ForeignFields(self.folder)
        self._unsaved: dict[str, Place] = {}
        self._sidecar_changed = False
        self._prepared = False

    @classmethod
    def open(
        cls,
        dataset: Dataset,
        subject: str,
        annotator: str,
        segments: Sequence[str] = DEFAULT_SEGMENTS,
        images: Mapping[str, Path] | None = None,
    ) -> SubjectWork:
        """What the annotator marked so far, an empty annotation where nothing was.

        Parameters
        ----------
        images : image files chosen by hand, by name, instead of those found by their names.

        Raises
        ------
        SpineRootError
            if a label is none, a file is damaged, or an image is another subject's by its name, or was not annotated.
        """
        label, annotator = subject_label(subject), annotator_label(annotator)
        markers = dataset.markers(annotator)
        for path in (images or {}).values():
            check_own(path, label)
        paths = {**dataset.images(label, without=images or ()), **(images or {})}
        folder = subject_path(markers, label)
        if holds_markups(folder):
            annotation = read_on_image(markers, label, paths.get("CISS"), segments, annotator)
        else:
            provenance = Provenance.read(sidecar_path(folder, label))
            annotation = begun_on_image(label, annotator, paths.get("CISS"), segments, provenance)
        return cls(dataset, annotation, markers, paths)

    @property
    def folder(self) -> Path:
        """The folder of the subject's markups."""
        return subject_path(self.markers, self.annotation.subject)

    def begin(self, by_force: bool = False) -> None:
        """Take the lock and note the files as they are, before anything is edited.

        Raises
        ------
        LockedError
            if somebody else has the subject open; `by_force` takes it over.
        """
        try:
            holder = self.lock.acquire(by_force)
        except OSError:  # a read-only folder: it can be looked at, and saving will say why it fails
            holder = None
        if holder is not None:
            raise LockedError(holder, self.folder)
        if self.lock.held:
            clear_unfinished(self.folder)
        if self.folder.is_dir():
            self.files.note(self.folder.glob("*.json"))
        self.autosave.start()

    def do(self, step: Step) -> None:
        """Make an edit."""
        self._prepare()
        self.history.do(step, self.annotation)
        self._edited(step.places)

    def undo(self) -> Step | None:
        """Undo the last edit; the answer is what was undone."""
        step = self.history.undo(self.annotation)
        self._edited(step.places if step else ())
        return step

    def redo(self) -> Step | None:
        """Do the last undone edit again; the answer is what was done."""
        step = self.history.redo(self.annotation)
        self._edited(step.places if step else ())
        return step

    def save_changes(self) -> None:
        """Hand what changed to the autosave; quick, as the files are made in its thread.

        What cannot be handed over stays unsaved, and does not keep the rest.
        """
        edited = list(self._unsaved.items())
        with ExitStack() as steps:  # the last one first, each whatever the ones before it raise
            if edited or self._sidecar_changed:
                steps.callback(self._hand_over_sidecar, [place for _key, place in edited])
            for key, place in reversed(edited):
                steps.callback(self._hand_over, key, place)

    def _hand_over(self, key: str, place: Place) -> None:
        name = place.name_of(self.annotation.subject)
        points = file_points(self.annotation, place)
        self.autosave.submit(name.file_name(), structure_writer(name, points, self._foreign_fields))
        del self._unsaved[key]

    def _hand_over_sidecar(self, edited: Sequence[Place]) -> None:
        # before the text is made: what the autosave's thread puts into the sidecar from here on is saved once more
        self._sidecar_changed = False
        try:
            count_origins(self.annotation, edited)
            self._add_time()
            name = sidecar_path(self.folder, self.annotation.subject).name
            self.autosave.submit(name, sidecar_writer(self.annotation.subject, self.annotation.provenance))
        except BaseException:
            self._sidecar_changed = True
            raise

    def lock_taken(self) -> str:
        """Who took the subject over from us, a sentence; empty if nobody did since the last call."""
        other, self.lock.taken_by = self.lock.taken_by, None
        if other is None:
            return ""
        sentence = _("{user} on {host} took this subject over: close it, or both of you change the same files.")
        return sentence.format(user=other.user, host=other.host)

    def save_now(self, timeout_s: float = 2.5) -> bool:
        """Hand over what changed and wait until it is on the disk; False if it is not by then."""
        try:
            self.save_changes()
        finally:
            saved = self.autosave.flush(timeout_s)
        if saved and self.is_waiting:  # the images were described meanwhile
            self.save_changes()
            saved = self.autosave.flush(timeout_s)
        return saved

    def close(self, timeout_s: float = 2.5) -> list[str]:
        """Save and give the lock back; the answer is what could not be saved, empty if all is on the disk.

        The thread ends and the lock is given back whatever fails before.
        """
        try:
            self.save_now(timeout_s)
        except Exception as error:
            _LOG.exception(_("{folder}: not all of it can be saved").format(folder=self.folder))
            not_handed = [f"{key} ({error})" for key in self._unsaved] or [str(error)]
        else:
            not_handed = []
        finally:
            unsaved = self.autosave.stop()
            self.lock.release()
        return sorted([*unsaved, *not_handed])

    def rescue(self, folder: Path) -> str:
        """Keep all of the annotation in a folder, else among the temporary files: its own folder does not take it.

        Returns
        -------
        what the annotator is told: where it is kept, or that it is lost and why.
        """
        why = ""
        for each in (folder, Path(tempfile.gettempdir()) / folder.name):
            try:
                kept = self._write_elsewhere(each)
            except (SpineRootError, OSError) as error:
                why = str(error)
            else:
                return _("The folder does not take your work; all of it is kept in {folder}.").format(folder=kept)
        return _("YOUR LAST EDITS ARE LOST, no folder takes them: {why}").format(why=why)

    def _write_elsewhere(self, folder: Path) -> Path:
        # what was kept at another time stays
        markers = folder / f"{self.markers.name}-{stamp()}"
        write_annotation(markers, self.annotation)
        return write_provenance(subject_path(markers, self.annotation.subject), self.annotation).parent

    @property
    def save_state(self) -> SaveState:
        """What the annotator is told of saving."""
        state = self.autosave.state
        return SaveState.SAVING if self.is_waiting and state is SaveState.SAVED else state

    @property
    def is_waiting(self) -> bool:
        """Whether something has changed that `save_changes` has not handed over yet."""
        return bool(self._unsaved) or self._sidecar_changed

    @property
    def resume_point(self) -> dict[str, Any]:
        """Where the annotator was last, as `remember` was told."""
        kept = self.annotation.provenance.document.get(_RESUME)
        return dict(kept) if isinstance(kept, dict) else {}

    def remember(self, **where: Any) -> None:
        """Keep where the annotator is, for the next time; who only looks at files in the wild leaves none behind."""
        begun = self._prepared or (self.lock.held and sidecar_path(self.folder, self.annotation.subject).exists())
        if begun and self.annotation.provenance.document.get(_RESUME) != where:
            self.annotation.provenance.document[_RESUME] = where
            self._sidecar_changed = True

    def sign_off(self, incomplete: Sequence[str]) -> None:
        """Write down that the annotator declares the subject finished, and what is incomplete all the same."""
        self._prepare()
        signed = {"By": self.annotation.annotator, "Date": now(), "Incomplete": list(incomplete)}
        self.annotation.provenance.document["SignOff"] = signed
        self._sidecar_changed = True

    def save_again(self, path: Path) -> None:
        """Have a file written once more, over what somebody else wrote there."""
        name = parse_markups_name(path.name, self.annotation.segments)
        if name is not None:
            place = Place(name.structure, name.root, name.number)
            self._unsaved[place.key] = place

    def _edited(self, places: Sequence[Place]) -> None:
        document = self.annotation.provenance.document
        if places and document.get("SignOff"):
            document["SignOff"] = None
        for place in places:
            self._unsaved[place.key] = place
            record = self.annotation.provenance.structure(place.key)
            record.setdefault("FirstEdited", now())
            record["LastEdited"] = now()

    def _prepare(self) -> None:
        """Before the first edit: say who and on what, and give files in the wild their strict names."""
        if self._prepared:
            return
        if not is_strict(self.annotation, self.folder):
            make_strict(self.annotation, self.folder)
            self.files.note(self.folder.glob("*.json"))
        self._prepared = True  # where files could not get their names, an edit is refused and they are tried again
        document = self.annotation.provenance.document
        document["Annotator"] = self.annotation.annotator
        document["Software"] = {"Name": "SpineRoot", "Version": __version__}
        self.autosave.submit("dataset_description.json", description_writer(self.markers.name))
        if not document.get("Images"):
            document["Images"] = {}
            self.autosave.submit("images", self._describe_images)

    def _describe_images(self, _folder: Path) -> None:
        """Runs in the autosave's thread: a checksum of 70 MB takes a moment."""
        described = {name: describe_image(path) for name, path in self.images.items()}
        self.annotation.provenance.document["Images"] = described
        self._sidecar_changed = True

    def _add_time(self) -> None:
        for key, seconds in self.stopwatch.take().items():
            record = self.annotation.provenance.structure(key)
            record["Seconds"] = round(record.get("Seconds", 0.0) + seconds, 3)
