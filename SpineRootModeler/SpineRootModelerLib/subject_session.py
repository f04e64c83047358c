"""A subject that is open on the scene: how it comes, goes, is remembered in saved scenes and tells what is new."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import SpineRootError
from SpineRootLib.progress import Progress
from SpineRootLib.sentences import for_panel
from SpineRootLib.translation import _
from SpineRootModelerLib.changes import Listener, ModelerChange
from SpineRootModelerLib.scene import scene_memory
from SpineRootModelerLib.scene.folder import is_annotators, is_ours
from SpineRootModelerLib.scene.light_turning import LightTurning
from SpineRootModelerLib.scene.one_subject import OneSubject, SubjectKey
from SpineRootModelerLib.scene.subject_scene import SubjectScene, load_images
from SpineRootModelerLib.scene.view_clicks import ViewClicks
from SpineRootModelerLib.work.long_work import LongWork
from SpineRootScene.hidden_nodes import HiddenNodes
from SpineRootScene.render_pause import rendering_paused
from SpineRootScene.scene_events import SceneEvents

# so many subjects are named in a sentence
_NAMED = 5


class SubjectSession(ABC):
    """Opens and closes a subject, and hears what happens to the scene and in its views.

    Parameters
    ----------
    scene : the MRML scene.
    """

    def __init__(self, scene: Any):
        self.scene = scene
        # called with what changed, whenever something did
        self.on_change: list[Listener] = []
        self.message = ""
        self.dataset: Dataset | None = None
        self.subject = ""
        self.long_work = LongWork()
        self._on_scene: SubjectScene | None = None
        self.clicks, self.turning = ViewClicks(self._clicked), LightTurning()
        self._other_module = HiddenNodes(scene)
        self._one_subject = OneSubject(scene)
        self._lost = self._loaded = False
        self._events = SceneEvents(scene, self.forget, self._imported, self._node_lost)

    @property
    def is_open(self) -> bool:
        """Whether a subject is open."""
        return self._on_scene is not None

    def open_subject(self, dataset: Path, subject: str) -> None:
        """Load a subject's images; nothing of another subject stays open, or is seen.

        Raises
        ------
        SpineRootError
            if there is no such dataset or subject, an image cannot be loaded, or work is running; what was open before
            stays.
        """
        self.long_work.require_idle()
        opened = Dataset.open(dataset)
        _require_subject(opened, subject)
        if self.is_open and self.dataset == opened and self.subject == subject:
            self._show_alone(first=False)
            return
        images = load_images(self.scene, opened, subject)
        with rendering_paused():
            self._close()
            self.dataset, self.subject = opened, subject
            self._on_scene = SubjectScene(self.scene, images, subject, self._stepped)
            self._show_alone(first=True)
        self._begin(self._on_scene)
        self._remember()
        self.notify(ModelerChange.SUBJECT)

    def follow(self, dataset: Path, subject: str = "") -> None:
        """The user chose another dataset or subject: what is open gives way to it, so that none but it is open.

        Nothing is loaded while nothing is open.

        Parameters
        ----------
        subject : empty if the dataset was chosen and none of its subjects yet.

        Raises
        ------
        SpineRootError
            as by `open_subject`.
        """
        if self.dataset is None or (dataset == self.dataset.root and subject in ("", self.subject)):
            return
        if subject:
            self.open_subject(dataset, subject)
        else:
            self.close()

    def close(self) -> None:
        """Put the work away and forget the subject; images and surfaces stay on the scene.

        Raises
        ------
        SpineRootError
            if work is running.
        """
        self.long_work.require_idle()
        self._close()
        self._forgotten()

    def shut_down(self) -> None:
        """Close and let go of the scene, which remembers what was open: the panel is going away."""
        self.long_work.give_up(_("The module was closed; {work} was given up.").format(work=self.long_work.title))
        self._close()
        self.notify(ModelerChange.SUBJECT)
        self._events.close()
        self.clicks.release()
        self.turning.release()
        self._other_module.bring_back()
        self._one_subject.bring_back()

    def forget(self) -> None:
        """The scene was closed: nothing is open any more, and what was being done is given up."""
        self.long_work.give_up(_("The scene was closed; {work} was given up.").format(work=self.long_work.title))
        self._end()
        if self._on_scene is not None and self._on_scene.view is not None:
            self._on_scene.view.close()
        self.dataset = self._on_scene = None
        self.subject = ""
        self._forgotten()

    def resume_from_scene(self) -> bool:
        """Open what the scene remembers, after it was loaded or the module reloaded; whether there was anything."""
        opened = scene_memory.read(self.scene)
        if opened is None or self.is_open:
            return False
        try:
            self.open_subject(opened.dataset, opened.subject)
            self._resume(opened)
            self._remember()
        except SpineRootError as error:
            self.say(for_panel(error))
        return self.is_open

    def enter(self) -> None:
        """The module is shown: what the Annotator shows of somebody's unfinished work is hidden, and other subjects."""
        self._other_module.bring_back()
        self._other_module.hide(is_annotators)
        if not self.long_work.is_running:
            self._show_alone(first=False)

    def leave(self, annotating: bool) -> None:
        """Another module is shown: clicks do what they do in Slicer.

        Parameters
        ----------
        annotating : it is the Annotator, whose user is not to see what others marked.
        """
        self.clicks.release()
        self.turning.release()
        self._other_module.bring_back()
        if annotating:
            self._other_module.hide(is_ours)

    def tick(self) -> None:
        """Do what is due: what a loaded scene remembers is opened, nodes that the user deleted come back.

        Called a few times a second. What is due waits for running work.
        """
        if self.long_work.is_running:
            return
        if self._loaded:
            self._loaded = False
            self.resume_from_scene()
            self._remember()  # a scene that was added to this one brought its own memory
        if self._lost:
            self._lost = False
            self._restore()

    @contextlib.contextmanager
    def at_work(self, title: str, progress: Progress | None) -> Iterator[Progress]:
        """Within, something that takes its time is done, and nothing else can begin.

        Parameters
        ----------
        title : what it is, as a user reads it.
        progress : is told by the one that is yielded.

        Raises
        ------
        SpineRootError
            if work is running already, or this was given up since what it is about went away.
        """
        try:
            with self.long_work.running(title, progress) as watched:
                self.notify(ModelerChange.WORK)
                yield watched
        finally:
            self.notify(ModelerChange.WORK)

    def require_idle(self) -> None:
        """See that no work is running.

        Raises
        ------
        SpineRootError
            if it is.
        """
        self.long_work.require_idle()

    def say(self, text: str) -> None:
        """Show a sentence to the user."""
        self.message = text
        self.notify(ModelerChange.MESSAGE)

    def notify(self, change: ModelerChange) -> None:
        """Tell whoever listens what changed."""
        for react in list(self.on_change):
            react(change)

    @abstractmethod
    def _begin(self, on_scene: SubjectScene) -> None:
        """A subject was opened."""

    @abstractmethod
    def _put_away(self) -> None:
        """Take what is only of use while the subject is open out of the scene."""

    @abstractmethod
    def _end(self) -> None:
        """The subject is open no more; its nodes may be gone already."""

    @abstractmethod
    def _resume(self, opened: scene_memory.RememberedSubject) -> None:
        """Go on with what a loaded scene remembers of the open subject."""

    @abstractmethod
    def _remembered(self) -> tuple[str, tuple[str, ...]]:
        """What surfaces are built from, and whom is compared."""

    @abstractmethod
    def _restore(self) -> None:
        """Make nodes again that the user deleted."""

    @abstractmethod
    def _stepped(self, number: int) -> None:
        """The view of CISS shows another slice."""

    @abstractmethod
    def _clicked(self, view_node: Any, interactor: Any, pixel: tuple[int, int]) -> None:
        """A view was clicked, at a pixel from its lower left corner."""

    @property
    def _key(self) -> SubjectKey:
        dataset, _on_scene = self._require_open()
        return SubjectKey(dataset.root, self.subject)

    def _require_open(self) -> tuple[Dataset, SubjectScene]:
        if self.dataset is None or self._on_scene is None:
            raise SpineRootError(_("open a subject first"))
        return self.dataset, self._on_scene

    def _close(self) -> None:
        """Take the open subject's work out of the scene."""
        self._put_away()
        self._end()
        if self._on_scene is not None:
            self._on_scene.close()
        self.dataset = self._on_scene = None
        self.subject = ""

    def _forgotten(self) -> None:
        scene_memory.write(self.scene, None)
        self.notify(ModelerChange.SUBJECT)

    def _show_alone(self, first: bool) -> None:
        if self._on_scene is not None:
            volumes = self._on_scene.volumes
            self._one_subject.show_alone(self._key, volumes.values(), volumes.get("CISS"), first)

    def _remember(self) -> None:
        if self.dataset is not None:
            remembered = scene_memory.RememberedSubject(self.dataset.root, self.subject, *self._remembered())
            scene_memory.write(self.scene, remembered)

    def _imported(self) -> None:
        # at the next pause: others, such as the subject hierarchy, are not done with the scene yet
        self._loaded = True

    def _node_lost(self) -> None:
        self._lost = True


def _require_subject(dataset: Dataset, subject: str) -> None:
    """See that a dataset holds a subject.

    Raises
    ------
    SpineRootError
        if it does not; it names what there is.
    """
    known = dataset.subjects()
    if subject in known:
        return
    fault = _("sub-{subject} is not among the subjects ({known}) in {folder}")
    if not subject:
        fault = _("choose a subject first: {known} in {folder}")
    listed = ", ".join(f"sub-{label}" for label in known[:_NAMED]) + (" ..." if len(known) > _NAMED else "")
    raise SpineRootError(fault.format(subject=subject, known=listed, folder=dataset.root))
