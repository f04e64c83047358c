"""Exceptions raised at random points of an annotator's hour."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from SpineRootAnnotatorLib import display, idle_tasks, open_subject
from SpineRootAnnotatorLib.work import file_stamps, folder_lock, subject_work
from SpineRootLib import provenance
from SpineRootScene import active_contour, active_point, line_model

_KINDS: tuple[Callable[[], BaseException], ...] = (
    lambda: OSError(28, "No space left on device"),
    lambda: OSError(5, "Input/output error"),
    lambda: PermissionError(13, "Permission denied"),
    lambda: MemoryError("injected"),
    lambda: UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "injected"),
    lambda: RuntimeError("injected"),
    lambda: KeyError("injected"),
)
# What is called while an annotator works: on the disk, in the bookkeeping, on the scene.
POINTS: tuple[tuple[Any, str], ...] = (
    (os, "fsync"),
    (tempfile, "mkstemp"),
    (Path, "replace"),
    (Path, "chmod"),
    (provenance.Provenance, "text"),
    (file_stamps.FileStamps, "changed"),
    (file_stamps.FileStamps, "note"),
    (folder_lock.FolderLock, "refresh"),
    (subject_work, "structure_writer"),
    (subject_work, "sidecar_writer"),
    (subject_work, "file_points"),
    (subject_work, "count_origins"),
    (subject_work.SubjectWork, "save_changes"),
    (subject_work.SubjectWork, "remember"),
    (idle_tasks.IdleTasks, "edited"),
    (open_subject.OpenSubject, "save"),
    (open_subject.OpenSubject, "check"),
    (open_subject.OpenSubject, "close"),
    (display.SubjectDisplay, "draw_slice"),
    (display.SubjectDisplay, "close"),
    (line_model.LineModel, "show"),
    (active_point.ActivePoint, "show"),
    (active_contour.ActiveContour, "close"),
)


def say(told: dict[str, Any]) -> None:
    """Tell whoever started this process, in a line that no other thread breaks."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def inject(random: np.random.Generator, count: int) -> None:
    """Have some of these points raise something, each once, after some calls."""
    for index in random.choice(len(POINTS), count, replace=False):
        owner, name = POINTS[index]
        kind = _KINDS[int(random.integers(len(_KINDS)))]
        setattr(owner, name, _failing_once(getattr(owner, name), kind, int(random.integers(0, 25))))


def _failing_once(call: Callable[..., Any], kind: Callable[[], BaseException], after: int) -> Callable[..., Any]:
    calls = [0]

    def called(*args: Any, **named: Any) -> Any:
        calls[0] += 1
        if calls[0] == after + 1:
            say({"raised": call.__qualname__})
            raise kind()
        return call(*args, **named)

    return called
