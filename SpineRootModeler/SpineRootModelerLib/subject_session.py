"""A subject that is open on the scene: how it comes, goes, is remembered in saved scenes and tells what is new."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import SpineRootError
from SpineRootLib.translation import _
from SpineRootModelerLib import scene_memory
from SpineRootModelerLib.aside import Aside
from SpineRootModelerLib.drawn_once import drawn_once
from SpineRootModelerLib.folder import is_annotators, is_ours
from SpineRootModelerLib.subject_scene import SubjectScene
from SpineRootModelerLib.view_clicks import ViewClicks
from SpineRootScene.scene_events import SceneEvents


class SubjectSession(ABC):
    """Opens and closes a subject, and hears what happens to the scene and in its views.

    Parameters
    ----------
    scene : the MRML scene.
    """

    def __init__(self, scene: Any):
        self.scene = scene
        self.on_change: list[Callable[[], None]] = []
        self.message = ""
        self.dataset: Dataset | None = None
        self.subject = ""
        self._on_scene: SubjectScene | None = None
        self.clicks = ViewClicks(self._clicked)
        self._aside = Aside(scene)
        self._lost = self._loaded = False
        self._events = SceneEvents(scene, self.forget, self._imported, self._node_lost)

    @property
    def is_open(self) -> bool:
        """Whether a subject is open."""
        return self._on_scene is not None

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
        with drawn_once():
            self.close()
            self._on_scene = SubjectScene(self.scene, opened, subject, self._stepped)
        self.dataset, self.subject = opened, subject
        self._begin(self._on_scene)
        self._remember()

    def close(self) -> None:
        """Put the work away and forget the subject; images and surfaces stay on the scene."""
        self._put_away()
        if self._on_scene is not None:
            self._on_scene.close()
        self.forget()

    def shut_down(self) -> None:
        """Close and let go of the scene, which remembers what was open: the panel is going away."""
        remembered = scene_memory.read(self.scene)
        self.close()
        scene_memory.write(self.scene, remembered)
        self._events.close()
        self.clicks.release()
        self._aside.bring_back()

    def forget(self) -> None:
        """The scene was closed: nothing is open any more."""
        self._end()
        if self._on_scene is not None and self._on_scene.view is not None:
            self._on_scene.view.close()
        self.dataset = self._on_scene = None
        self.subject = ""
        scene_memory.write(self.scene, None)
        self._notify()

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
            self.say(str(error))
        return self.is_open

    def enter(self) -> None:
        """The module is shown: what the Annotator shows of somebody's unfinished work is put aside."""
        self._aside.bring_back()
        self._aside.hide(is_annotators)

    def leave(self, annotating: bool) -> None:
        """Another module is shown: clicks do what they do in Slicer.

        Parameters
        ----------
        annotating : it is the Annotator, whose user is not to see what others marked.
        """
        self.clicks.release()
        self._aside.bring_back()
        if annotating:
            self._aside.hide(is_ours)

    def tick(self) -> None:
        """Do what is due: what a loaded scene remembers is opened, nodes that the user deleted come back.

        Called a few times a second.
        """
        if self._loaded:
            self._loaded = False
            self.resume_from_scene()
        if self._lost:
            self._lost = False
            self._restore()

    def say(self, text: str) -> None:
        """Show a sentence to the user."""
        self.message = text
        self._notify()

    def changed(self) -> None:
        """Have the panel show what is new."""
        self._notify()

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
    def _resume(self, opened: scene_memory.Opened) -> None:
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

    def _require_open(self) -> tuple[Dataset, SubjectScene]:
        if self.dataset is None or self._on_scene is None:
            raise SpineRootError(_("open a subject first"))
        return self.dataset, self._on_scene

    def _remember(self) -> None:
        if self.dataset is not None:
            opened = scene_memory.Opened(self.dataset.root, self.subject, *self._remembered())
            scene_memory.write(self.scene, opened)

    def _imported(self) -> None:
        # at the next pause: others, such as the subject hierarchy, are not done with the scene yet
        self._loaded = True

    def _node_lost(self) -> None:
        self._lost = True

    def _notify(self) -> None:
        for react in list(self.on_change):
            react()
