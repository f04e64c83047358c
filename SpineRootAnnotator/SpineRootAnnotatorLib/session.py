"""The annotator's session: which subject is open, by whom, and what the panel may ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from SpineRootAnnotatorLib import scene_memory
from SpineRootAnnotatorLib.actions import perform
from SpineRootAnnotatorLib.changes import Change, Changes
from SpineRootAnnotatorLib.keys import REVIEW_MODE, STOP, Action, KeyBindings
from SpineRootAnnotatorLib.long_work import Show
from SpineRootAnnotatorLib.open_subject import OpenSubject
from SpineRootAnnotatorLib.resume_position import place_at_work, remember, resume
from SpineRootAnnotatorLib.saying import Kind, Said
from SpineRootAnnotatorLib.settings import Pace, SessionSettings
from SpineRootAnnotatorLib.status import alarms, hint, missing_images
from SpineRootAnnotatorLib.work.autosave import FileConflict, SaveState
from SpineRootAnnotatorLib.work.coverage import incomplete
from SpineRootAnnotatorLib.work.other_version import their_step
from SpineRootAnnotatorLib.work.subject_progress import Progress, progress
from SpineRootAnnotatorLib.work.subject_work import SubjectWork
from SpineRootLib.annotation_on_image import told_of_image
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import SpineRootError
from SpineRootLib.sentences import for_panel, path_last
from SpineRootLib.translation import _
from SpineRootScene.press_watch import PressWatch
from SpineRootScene.scene_events import SceneEvents
from SpineRootScene.volumes import volume_node

_NOTHING_TOLD = (SaveState.SAVED, "", "")


class AnnotationSession:
    """Opens subjects, one at a time, and does what keys and buttons ask for.

    Parameters
    ----------
    scene : the MRML scene.
    pace : when what is not urgent is done.
    annotator_here : tells the label under which this Slicer's user works, empty for nobody yet; None where nobody is
        asked for, as in scripts.
    rescue_folder : where work goes that its own folder does not take when it must be closed.
    """

    def __init__(
        self,
        scene: Any,
        settings: SessionSettings | None = None,
        keys: KeyBindings | None = None,
        rescue_folder: Path | None = None,
        pace: Pace | None = None,
        annotator_here: Callable[[], str | None] = lambda: None,
    ):
        self.scene = scene
        self.settings = settings or SessionSettings()
        self.keys = keys or KeyBindings()
        self.rescue_folder = rescue_folder or Path.home() / "SpineRoot-unsaved"
        self.pace = pace or Pace()
        self.subject: OpenSubject | None = None
        self.said = Said()
        # Shows how far long work is, and lets the window live meanwhile.
        self.show_progress: Show = lambda _title, _fraction: None
        # Tells drags from clicks in the views that it is given.
        self.presses = PressWatch()
        self._taken_over = ""
        # What a loaded scene would open for writing as somebody else: to be asked about.
        self.needs_confirmation: scene_memory.OpenedSubject | None = None
        self._annotator_here = annotator_here
        self.conflicts: list[FileConflict] = []
        self.changes = Changes()
        self._state_told = _NOTHING_TOLD
        # A point was placed in a view, given by its layout name: to be drawn now, and `tick` called then.
        self.on_placed: list[Callable[[str | None], None]] = []
        self._opened: scene_memory.OpenedSubject | None = None
        self._events = SceneEvents(
            scene, self._scene_closing, self._scene_imported, self._node_lost, self._node_removed
        )

    # -- opening and closing

    @property
    def is_open(self) -> bool:
        """Whether a subject is open."""
        return self.subject is not None

    @property
    def opened(self) -> scene_memory.OpenedSubject | None:
        """Which subject of which dataset is open for work, and by whom."""
        return self._opened

    def open(
        self,
        dataset: Path,
        subject: str,
        annotator: str,
        images: Mapping[str, Path] | None = None,
        by_force: bool = False,
    ) -> None:
        """Open a subject and go on where the annotator was.

        Parameters
        ----------
        images : image files chosen by hand, by name (``CISS`` ...), instead of those found by their names.
        by_force : take the subject over from whoever holds its lock.

        Raises
        ------
        LockedError
            if somebody else has it open; nothing is open then.
        SpineRootError
            if the dataset, the subject's files or its images cannot be read; nothing is open then.
        """
        self.close()
        self.decline()
        opened = Dataset.open(dataset)
        levels = opened.levels(subject, [annotator], self.settings.segments)
        work = SubjectWork.open(opened, subject, annotator, levels, images)
        with ExitStack() as undone:
            undone.callback(work.close)
            work.begin(by_force)
            undone.callback(self._put_away)
            self._show(work)
            undone.pop_all()
        self._opened = scene_memory.OpenedSubject(dataset, work.annotation.subject, annotator)
        self._remember()
        notes = [f"{note}." for note in told_of_image(work.annotation)]
        self.say(" ".join([*notes, *missing_images(work.images)]), Kind.REFUSED)
        self.changes.tell(Change.SUBJECT)

    def look_in_space(self) -> None:
        """Bring 3D views to the subject that was just opened by hand; a loaded scene brings its own cameras."""
        if self.subject is not None:
            self.subject.display.look_in_space()

    def look_at(self, dataset: Path, subject: str, annotator: str | None) -> None:
        """Show an annotation, the consensus for None, that is not to be edited: nothing is locked or saved.

        Raises
        ------
        SpineRootError
            as `open` does, and if there is nothing to show.
        """
        self.close()
        opened = Dataset.open(dataset)
        annotation = opened.read(subject, annotator, opened.levels(subject, [annotator]))
        with ExitStack() as undone:
            undone.callback(self._put_away)
            self._show(SubjectWork(opened, annotation, opened.markers(annotator), opened.images(subject)))
            assert self.subject is not None
            self.subject.set_mode(REVIEW_MODE)
            undone.pop_all()
        self.changes.tell(Change.SUBJECT)

    def close(self) -> None:
        """Save what is left to save, and put the session's nodes away; the images stay."""
        if self.subject is None:
            return
        subject, self.subject, self._opened, self._taken_over = self.subject, None, None, ""
        self.said = Said()  # it was about what is closed
        self.changes.add(Change.MESSAGE)
        subject.long_work.stop()
        with ExitStack() as steps:  # the last one first, each whatever the ones before it raise
            steps.callback(self.changes.tell, Change.SUBJECT)
            steps.callback(scene_memory.write, self.scene, None)
            steps.callback(self.conflicts.clear)
            steps.callback(self._end_work, subject.work)
            steps.callback(subject.close)
            if _is_at_work(subject.work):
                steps.callback(subject.work.save_now)
            steps.callback(remember, subject)
            steps.callback(subject.idle_tasks.go_on)

    def _end_work(self, work: SubjectWork) -> None:
        """Save what closing the views left to save, and give the lock back."""
        if _is_at_work(work) and work.close():
            self.said = Said(work.rescue(self.rescue_folder), Kind.FAULT)
            self.changes.add(Change.MESSAGE)

    def _put_away(self) -> None:
        """Take a subject that could not be opened whole out of the scene."""
        subject, self.subject = self.subject, None
        if subject is not None:
            subject.close()

    def leave(self) -> None:
        """The annotator turns to something else in Slicer: clicks are Slicer's, and no time is counted."""
        if self.subject is not None:
            self.subject.idle_tasks.go_on()
            self.subject.mode.leave()
            self.subject.work.stopwatch.touch(None)

    def enter(self) -> None:
        """The annotator is back."""
        if self.subject is not None:
            self.subject.mode.enter()
            self.subject.touch()

    def shut_down(self) -> None:
        """Close, and let go of the scene: the panel is going away."""
        with ExitStack() as steps:
            steps.callback(self._events.close)
            steps.callback(self.presses.release)
            self._remember()
            steps.callback(scene_memory.write, self.scene, scene_memory.read(self.scene))
            self.close()

    def resume_from_scene(self) -> bool:
        """Open what the scene remembers, after it was loaded or the module reloaded; whether it was opened.

        What somebody else than this Slicer's annotator had open waits in `needs_confirmation` instead.
        """
        opened = scene_memory.read(self.scene)
        if opened is None or self.is_open:
            return False
        here = self._annotator_here()
        if here is not None and here != opened.annotator:
            self.needs_confirmation = opened
            self.changes.tell(Change.QUESTION)
            return False
        return self._resume(opened)

    @property
    def question(self) -> str:
        """What the user is asked before `confirm`; empty for nothing."""
        asked = self.needs_confirmation
        if asked is None:
            return ""
        return _(
            "This scene was saved while annotator {annotator} worked on sub-{subject}. Go on as {annotator}? What you"
            " mark is then saved as theirs."
        ).format(annotator=asked.annotator, subject=asked.subject)

    def confirm(self) -> bool:
        """The user does work under the label that the scene was saved with: open it; whether it was opened."""
        asked = self.needs_confirmation
        self.decline()
        return asked is not None and not self.is_open and self._resume(asked)

    def decline(self) -> None:
        """The user does not: nothing is opened."""
        self.needs_confirmation = None

    def _resume(self, opened: scene_memory.OpenedSubject) -> bool:
        try:
            self.open(opened.dataset, opened.subject, opened.annotator)
        except SpineRootError as error:
            self.say(error, Kind.FAULT)
        if self.subject is not None:
            resume(self.subject, opened.where)
        return self.is_open

    def progress(self, dataset: Path, annotator: str) -> dict[str, Progress]:
        """How far the annotator is with each subject of a dataset.

        Raises
        ------
        SpineRootError
            if there is no such dataset, or the label is none.
        """
        return progress(Dataset.open(dataset), annotator)

    def _show(self, work: SubjectWork) -> None:
        volumes = {name: volume_node(path, self.scene) for name, path in work.images.items()}
        self.subject = OpenSubject(
            self.scene,
            work,
            volumes,
            self.settings,
            say=self.say,
            changed=self.changes.add,
            on_placed=self._placed,
            show_progress=lambda title, fraction: self.show_progress(title, fraction),
            was_dragged=lambda: self.presses.was_dragged,
            pace=self.pace,
        )
        self._state_told = _NOTHING_TOLD
        resume(self.subject, work.resume_point)
        self.subject.idle_tasks.opened()

    def _remember(self) -> None:
        """Have the scene remember what is open, and where the annotator is in it."""
        if self.subject is not None and self._opened is not None:
            now = replace(self._opened, where=place_at_work(self.subject))
            if now != self._opened:  # Slicer does not say that it is about to save the scene
                self._opened = now
                scene_memory.write(self.scene, now)

    # -- keys and buttons

    def press(self, key: str) -> bool:
        """Do what a key does in this mode; whether it does anything."""
        if self.subject is None:
            return False
        action = self.keys.action(key, self.subject.mode.name)
        if action is not None:
            self.perform(action.name)
        return action is not None

    def perform(self, name: str) -> None:
        """Do an action by its name; one that means nothing in this mode is ignored."""
        if self.subject is None or not self.keys.is_in_mode(name, self.subject.mode.name):
            return
        if name == STOP or self.subject.long_work.is_running:
            if name == STOP:
                self.subject.long_work.stop()
            return
        self.say("")
        self.subject.idle_tasks.go_on()
        perform(self.subject, name)
        if self.subject is not None:  # long work lets the window live, so that the subject may be closed meanwhile
            self.subject.touch()
        self.changes.tell()

    def choose_key(self, name: str, key: str) -> str:
        """Give an action another key; the answer is why not, empty if it was done."""
        fault = self.keys.choose(name, key)
        self.changes.tell(Change.KEYS)
        return fault

    def actions(self) -> list[tuple[Action, str]]:
        """The actions of this mode with their keys."""
        if self.subject is None:
            return []
        return [(action, self.keys.key(action)) for action in self.keys.in_mode(self.subject.mode.name)]

    def tick(self) -> None:
        """Do what is due; called about every tenth of a second."""
        if self.subject is None or self.subject.long_work.is_running:
            return
        self.subject.idle_tasks.tick()
        self._remember()
        if taken := self.subject.work.lock_taken():
            self._taken_over = taken
            self.changes.add(Change.OTHERS)
        if conflicts := self.subject.work.autosave.take_conflicts():
            self.conflicts.extend(conflicts)
            self.changes.add(Change.OTHERS)
        self._watch()
        self.changes.tell()

    def _watch(self) -> None:
        """Look at what changes by itself: saving in its thread, and the view by the user's hand."""
        assert self.subject is not None
        saving = (self.save_state, self.subject.work.autosave.failure)
        state = (*saving, self.subject.view_fault)
        if saving != self._state_told[:2]:
            self.changes.add(Change.SAVING)
        if state[2] != self._state_told[2]:
            self.changes.add(Change.VIEW)
        self._state_told = state

    # -- what the annotator is told

    def say(self, text: str | SpineRootError, kind: Kind = Kind.NOTE) -> None:
        """Show a sentence to the annotator until the next step, click or key; an empty one takes it away."""
        told = path_last(text) if isinstance(text, str) and kind is not Kind.FAULT else for_panel(text)
        said = Said(told, kind)
        if said != self.said:
            self.said = said
            self.changes.tell(Change.MESSAGE)

    @property
    def message(self) -> str:
        """What was said last, as far as it still holds."""
        return self.said.text

    @property
    def status(self) -> Said:
        """What was said last, or else what to do next."""
        return self.said if self.said.text else hint(self.subject, self.keys)

    @property
    def alarms(self) -> list[str]:
        """What is wrong until somebody mends it, the gravest first: no key or step takes it away."""
        return alarms(self.subject, self._taken_over, len(self.conflicts))

    # -- finishing

    def incomplete(self) -> list[str]:
        """What a sign-off would list as incomplete."""
        if self.subject is None:
            return []
        missing = incomplete(self.subject.confirmed, self.subject.coverage)
        if again := self.subject.repeats.due():
            text = _("Marks that are asked for a second time: {count}; 'Go to the next gap' leads there.")
            missing.append(text.format(count=len(again)))
        if waiting := len(self.subject.repeats.unasked()) - len(again):
            text = _("Marks that are still to be asked for a second time, seen too lately for that: {count}.")
            missing.append(text.format(count=waiting))
        return missing

    def sign_off(self) -> None:
        """Declare the subject finished."""
        if self.subject is not None:
            self.subject.work.sign_off(self.incomplete())
            self.subject.work.save_changes()
            self.changes.add(Change.SIGN_OFF)
            self.say(_("Signed off."))
            self.changes.tell()

    @property
    def signed_off(self) -> bool:
        """Whether the subject is declared finished."""
        return self.subject is not None and self.subject.annotation.provenance.signed_off

    @property
    def save_state(self) -> SaveState:
        """What the annotator is told of saving."""
        return SaveState.SAVED if self.subject is None else self.subject.work.save_state

    # -- what others did to our files

    def take_theirs(self, conflict: FileConflict) -> None:
        """Take over what somebody else wrote; it can be undone."""
        self.conflicts.remove(conflict)
        self.changes.add(Change.OTHERS)
        step = None if self.subject is None else their_step(self.subject.annotation, conflict)
        if self.subject is not None and step is not None:
            self.subject.do(step)
        self.changes.tell()

    def keep_mine(self, conflict: FileConflict) -> None:
        """Write ours again; theirs stays in the copy beside it."""
        self.conflicts.remove(conflict)
        self.changes.add(Change.OTHERS)
        if self.subject is not None:
            self.subject.work.save_again(conflict.path)
            self.subject.work.save_changes()
        self.changes.tell()

    def _scene_closing(self) -> None:
        self.decline()
        opened = self._opened
        self.close()
        if opened is not None and not self.message:
            closed = _("The scene was closed: the work on sub-{subject} is saved and put away. Open it here again.")
            self.say(closed.format(subject=opened.subject))

    def _scene_imported(self) -> None:
        if self.subject is not None and self._opened is not None:  # the other scene's memory and mouse mode came along
            scene_memory.write(self.scene, self._opened)
            self.subject.restore()
            self.subject.mend_view()  # the other scene's images came into the views, too
        else:
            self.resume_from_scene()

    def _placed(self, view: str | None) -> None:
        for react in list(self.on_placed):
            react(view)

    def _node_lost(self) -> None:
        if self.subject is not None:
            self.subject.idle_tasks.node_lost()

    def _node_removed(self, node: Any) -> None:
        if self.subject is not None and node in self.subject.volumes.values():
            self.subject.idle_tasks.node_lost()


def _is_at_work(work: SubjectWork) -> bool:
    """Whether it was opened to be edited, not only to be looked at."""
    return work.lock.held or bool(work.history.done)
