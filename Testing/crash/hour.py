"""An annotator's hour in a process of its own, to be killed: it edits, and says what and when.

For each line on its standard input, a JSON object with ``dataset``, ``annotator``, ``seed``, ``faults`` and ``edits``,
it goes on in a copy of itself, whose number it says. The copy opens the subject and edits, by the seed, until it is
killed; or, where ``edits`` is a number, so often, and closes the subject.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

TESTING = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTING), str(TESTING.parent / "SpineRootAnnotator"), str(Path(__file__).parent)]

from faults import inject, say  # noqa: E402

from headless.application import start  # noqa: E402

start()
import slicer  # noqa: E402

from SpineRootAnnotatorLib.session import AnnotationSession  # noqa: E402
from SpineRootAnnotatorLib.settings import Pace  # noqa: E402
from SpineRootAnnotatorLib.work.marks import UNCERTAIN, Mark, file_points, read_mark  # noqa: E402
from SpineRootLib.anatomy import CONTOUR_STRUCTURES, GANGLIA, ROOTS  # noqa: E402
from SpineRootLib.place import Place  # noqa: E402

# Of one edit: how long an annotator at full speed takes for it, seconds, and what it is, by share.
_PACE_S = (0.01, 0.25)
_TICK_S = 0.05
_EDITS = {"root": 0.45, "contour": 0.15, "ganglion": 0.1, "flag": 0.1, "clear": 0.08, "undo": 0.07, "redo": 0.05}


class Hour:
    """Edits at random, by a seed."""

    def __init__(self, session: AnnotationSession, seed: int):
        self.session, self.random = session, np.random.default_rng(seed)
        self.touched: list[Place] = []
        self.late = 0.0  # how much longer than it asked for the machine let this process wait, s in all

    @property
    def subject(self) -> Any:
        """The open subject."""
        return self.session.subject

    def edit(self) -> None:
        """One edit."""
        kind = self.random.choice(list(_EDITS), p=list(_EDITS.values()))
        if kind in ("undo", "redo"):
            step = getattr(self.subject, kind)()
            self.touched.extend(() if step is None else step.places)
            return
        place = self._place(kind)
        self.touched.append(place)
        mark = self.subject.mark(place)
        if kind == "flag" and mark is not None and len(mark.points):
            self.subject.put(
                place, mark.flagged(UNCERTAIN, not mark.flags, f"faint {self.random.integers(1000)} \ud83d")
            )
        elif kind == "clear" and mark is not None:
            self.subject.put(place, None)
        else:
            self.subject.put(place, Mark.of(self._points(place)))

    def _place(self, kind: str) -> Place:
        if kind in ("flag", "clear") and self.touched:
            return self.touched[int(self.random.integers(len(self.touched)))]
        number = int(self.random.integers(1, self.subject.planes.count + 1))
        roots = self.subject.annotation.expected_roots()
        root = roots[int(self.random.integers(len(roots)))]
        if kind == "contour":
            return Place(CONTOUR_STRUCTURES[int(self.random.integers(2))], slice=number)
        return Place(GANGLIA, root) if kind == "ganglion" else Place(ROOTS, root, number)

    def _points(self, place: Place) -> Any:
        planes, middle = self.subject.planes, self.random.uniform(-20.0, 20.0, (1, 2))
        if place.root is not None:
            return planes.lift(middle, place.slice or 10)
        angle = np.linspace(0.0, 2.0 * np.pi, 12, endpoint=False)
        circle = middle + self.random.uniform(2.0, 9.0) * np.column_stack([np.cos(angle), np.sin(angle)])
        return planes.lift(circle, place.slice)

    def tell(self) -> None:
        """Say what is in the files' structures and places that were touched last, as it should be on the disk."""
        annotation = self.subject.annotation
        touched, self.touched[:] = self.touched[-3:], self.touched[-200:]
        for place in touched:
            mark = read_mark(annotation, place)
            said = {
                "file": place.name_of(annotation.subject).file_name(),
                "points": np.round(file_points(annotation, place), 6).tolist(),
                "place": str(place),
                "flags": [] if mark is None else list(mark.flags),
                "at": time.time(),
                "late": self.late,
            }
            say(said)


def work(dataset: str, annotator: str, seed: int, faults: int, edits: int | None) -> None:
    """Open, edit, and close again unless killed before."""
    session = AnnotationSession(slicer.mrmlScene, rescue_folder=Path(dataset) / "rescue", pace=Pace())
    session.open(Path(dataset), "01", annotator)
    hour = Hour(session, seed)
    if faults:
        inject(np.random.default_rng(seed), faults)
    done = 0
    while edits is None or done < edits:
        with contextlib.suppress(Exception):  # as Slicer, which shows it and goes on
            hour.edit()
        hour.tell()
        say({"late": hour.late})
        done += 1
        until = time.monotonic() + hour.random.uniform(*_PACE_S)
        while time.monotonic() < until:
            before = time.monotonic()
            time.sleep(_TICK_S / 2)
            hour.late += time.monotonic() - before - _TICK_S / 2
            with contextlib.suppress(Exception):
                session.tick()
    with contextlib.suppress(Exception):
        session.close()
    say({"closed": session.message})


def main() -> None:
    """Serve."""
    print("ready", flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        child = os.fork()
        if not child:
            work(**told)
            os._exit(0)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("ended", flush=True)


if __name__ == "__main__":
    main()
