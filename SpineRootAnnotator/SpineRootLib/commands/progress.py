"""How a command tells how far it is: a bar on a terminal, lines in a log, objects for a program, or nothing."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TextIO


@dataclass(frozen=True)
class TellingSettings:
    """How often it is told how far work is; all by eye.

    Parameters
    ----------
    bar : characters of the bar.
    first_line_s : what ends sooner says nothing in a log.
    between_lines_s : least time between two lines of a log, so that a night's work stays readable.
    redraw_s : least time between two drawings of the bar, or two objects for a program.
    guess_from_s, guess_from : the time left is told once work has gone on so long and so far (fraction).
    """

    bar: int = 24
    first_line_s: float = 2.0
    between_lines_s: float = 10.0
    redraw_s: float = 0.1
    guess_from_s: float = 1.0
    guess_from: float = 0.03


class Telling:
    """Says nothing; what speaks derives from it. Calling it is what long work does with its progress.

    Parameters
    ----------
    stream : where to.
    clock : seconds, from any moment on.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        settings: TellingSettings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.stream, self.settings, self._clock = stream, settings or TellingSettings(), clock
        self._begun = clock()
        self._told_s = -float("inf")  # when it was last told, from the beginning on

    @property
    def elapsed_s(self) -> float:
        """How long the command has worked."""
        return self._clock() - self._begun

    def left_s(self, fraction: float) -> float | None:
        """How long the rest will take if it goes on as before, or None where that would be a guess."""
        elapsed = self.elapsed_s
        if fraction >= 1 or fraction < self.settings.guess_from or elapsed < self.settings.guess_from_s:
            return None
        return elapsed * (1 - fraction) / fraction

    def __call__(self, fraction: float, text: str) -> None:
        """Tell the fraction done, 0 to 1, and what is being done, unless it is too soon after the last time."""
        if fraction >= 1 or self._is_due():
            self._told_s = self.elapsed_s
            self._tell(fraction, text)

    def close(self) -> None:
        """End what was begun, so that a sentence can follow."""

    def result(self, summary: dict[str, Any]) -> None:
        """Tell what came of it, where it is a program that listens."""

    def fault(self, sentence: str, status: int) -> None:
        """Tell why it ended with a status, where it is a program that listens."""

    def _is_due(self) -> bool:
        return self.elapsed_s - self._told_s >= self.settings.redraw_s

    def _tell(self, fraction: float, text: str) -> None:
        pass

    def _write(self, text: str) -> None:
        if self.stream is not None:
            self.stream.write(text)
            self.stream.flush()


class Bar(Telling):
    """A bar on a terminal, with the time left."""

    _open = False

    def _tell(self, fraction: float, text: str) -> None:
        done = "#" * round(self.settings.bar * min(max(fraction, 0.0), 1.0))
        left = self.left_s(fraction)
        rest = "" if left is None else f", {duration(left)} left"
        self._open = fraction < 1
        end = "" if self._open else "\n"
        self._write(f"\r\033[K[{done:-<{self.settings.bar}}] {100 * fraction:3.0f} % {text}{rest}{end}")

    def close(self) -> None:
        """Leave the bar on a line of its own."""
        if self._open:
            self._open = False
            self._write("\n")


class Lines(Telling):
    """Lines in a log, of work that takes a while."""

    def _is_due(self) -> bool:
        if self._told_s < 0:
            return self.elapsed_s >= self.settings.first_line_s
        return self.elapsed_s - self._told_s >= self.settings.between_lines_s

    def __call__(self, fraction: float, text: str) -> None:
        """Tell it where it is time; the end only of what was told of before."""
        if self._told_s >= 0 if fraction >= 1 else self._is_due():
            self._told_s = self.elapsed_s
            left = self.left_s(fraction)
            rest = "" if left is None else f", {duration(left)} left"
            self._write(f"{100 * fraction:3.0f} % {text}, {duration(self.elapsed_s)}{rest}\n")


class JsonLines(Telling):
    """An object a line, for a program: progress, and at the end the result or the fault."""

    def _tell(self, fraction: float, text: str) -> None:
        left = self.left_s(fraction)
        times = {"elapsed_s": round(self.elapsed_s, 1), "left_s": None if left is None else round(left, 1)}
        self._say({"event": "progress", "fraction": round(fraction, 4), "text": text, **times})

    def result(self, summary: dict[str, Any]) -> None:
        """The summary that `--json` prints."""
        self._say({"event": "result", **summary})

    def fault(self, sentence: str, status: int) -> None:
        """Why it ended, and the exit status."""
        self._say({"event": "fault", "message": sentence, "status": status})

    def _say(self, document: dict[str, Any]) -> None:
        self._write(json.dumps(document) + "\n")


def add_telling(parser: argparse.ArgumentParser) -> None:
    """``--json``, ``--json-lines`` and ``--quiet``."""
    parser.add_argument("--json", action="store_true", help="print a machine-readable summary on stdout")
    text = "print progress and summary on stdout as they come, a JSON object a line"
    parser.add_argument("--json-lines", action="store_true", help=text)
    parser.add_argument("--quiet", action="store_true", help="do not tell how far the work is")


def telling(options: argparse.Namespace) -> Telling:
    """What tells of a command's work, as its options and the terminal have it."""
    if options.json_lines:
        return JsonLines(sys.stdout)
    if options.quiet:
        return Telling()
    return Bar(sys.stderr) if sys.stderr.isatty() else Lines(sys.stderr)


def duration(seconds: float) -> str:
    """A time as people say it: ``8 s``, ``3 min``, ``2 h 05 min``."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02} min"
