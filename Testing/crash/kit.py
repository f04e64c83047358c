"""Kills an annotator's process at random points of an hour, and lets things fail in it: what is lost?

    python Testing/crash/kit.py --kills 50 --faults 20 --seed 1

exits 1 if anything that was marked more than a second before is lost, or any file is not whole.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import numpy as np

TESTING = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTING), str(TESTING.parent / "SpineRootAnnotator")]

from SpineRootLib.annotation_files import read_annotation, sidecar_path  # noqa: E402
from SpineRootLib.images import read_planes  # noqa: E402
from SpineRootLib.markups import read_markup  # noqa: E402
from SpineRootLib.phantom import PhantomSettings, write_phantom  # noqa: E402
from SpineRootLib.place import Place  # noqa: E402
from SpineRootLib.provenance import Provenance  # noqa: E402

# What may be lost at most: what was marked in the last second, by the clock.
LOST_S = 1.0
# How long an annotator works before the end, seconds, and how many edits before it closes by itself.
_WORKS_S = (0.3, 4.0)
_EDITS = (5, 30)


@dataclass
class Outcome:
    """What one end did.

    Parameters
    ----------
    edits : how many the annotator said.
    raised : where something failed.
    faults : what was lost or not whole, sentences.
    """

    edits: int = 0
    raised: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Annotators:
    """Hours of annotators in a process of its own, one after the other.

    Parameters
    ----------
    busy : the second counts only while the machine let the process run when it asked to: beside other tests a second of
        the clock may hold none of it.
    """

    def __init__(self, dataset: Path, busy: bool = False):
        self.dataset, self._busy = dataset, busy
        self._planes = read_planes(dataset / "rawdata/sub-01/anat/sub-01_CISS.nii.gz")
        command = [sys.executable, str(Path(__file__).with_name("hour.py"))]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1
        )
        assert self._said.readline() == "ready\n"

    def __enter__(self) -> Annotators:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    @property
    def _said(self) -> TextIO:
        assert self._process.stdout is not None
        return self._process.stdout

    def end(self, annotator: str, seed: int, faults: int, killed: bool) -> Outcome:
        """One hour that ends in a kill, or in closing the subject; what it did to the files."""
        random = np.random.default_rng(seed)
        edits = None if killed else int(random.integers(*_EDITS))
        told = {"dataset": str(self.dataset), "annotator": annotator, "seed": seed, "faults": faults, "edits": edits}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(told) + "\n")
        child = int(self._said.readline())
        lines = [self._said.readline()]
        moment = np.inf
        if killed:
            time.sleep(random.uniform(*_WORKS_S))
            moment = time.time()
            os.kill(child, signal.SIGKILL)
        while (line := self._said.readline()) not in ("ended\n", ""):
            lines.append(line)
        said = [json.loads(line) for line in lines if line.startswith('{"file')]
        late = [json.loads(line)["late"] for line in lines if line.startswith('{"late')]
        if self._busy:
            moment -= late[-1] if late else 0.0
            said = [{**each, "at": each["at"] - each["late"]} for each in said]
        raised = [json.loads(line)["raised"] for line in lines if line.startswith('{"raised')]
        return Outcome(len(said), raised, [*self._not_whole(annotator), *self._lost(annotator, said, moment)])

    def _folder(self, annotator: str) -> Path:
        return self.dataset / "derivatives" / f"markers-{annotator}" / "sub-01"

    def _not_whole(self, annotator: str) -> list[str]:
        faults = []
        for path in self._folder(annotator).glob("*.json"):
            if ".other-" in path.name:  # a copy of what somebody else changed, which no reader takes
                continue
            try:
                if path != sidecar_path(path.parent, "01"):
                    read_markup(path)
                else:
                    Provenance.read(path)
            except Exception as error:
                faults.append(f"not whole: {error}")
        try:
            if any("dura" in path.name or "nerve" in path.name for path in self._folder(annotator).glob("*.json")):
                read_annotation(self._folder(annotator).parent, "01", self._planes)
        except Exception as error:
            faults.append(f"cannot be read: {error}")
        return faults

    def _lost(self, annotator: str, said: list[dict[str, Any]], moment: float) -> list[str]:
        folder, faults = self._folder(annotator), []
        for name in {each["file"] for each in said}:
            versions = [each for each in said if each["file"] == name]
            points = _points_in(folder / name)
            if not any(_same(points, each["points"]) for each in _not_older(versions, moment)):
                faults.append(f"lost: {name} holds {len(points)} points, none of what it held in the last second")
        provenance = Provenance.read(sidecar_path(folder, "01"))
        for text in {each["place"] for each in said}:
            versions = [each for each in said if each["place"] == text]
            flags = provenance.at(Place.parse(text)).get("Flags", [])
            if flags not in [each["flags"] for each in _not_older(versions, moment)]:
                faults.append(f"lost: {text} is flagged {flags}, as not in the last second")
        return faults


def _not_older(versions: list[dict[str, Any]], moment: float) -> list[dict[str, Any]]:
    """The version that was a second old at the end, and those that came later; nothing at all where none was so old."""
    old = [index for index, each in enumerate(versions) if each["at"] <= moment - LOST_S]
    nothing = {"points": [], "flags": []}
    return versions[old[-1] :] if old else [nothing, *versions]


def _points_in(path: Path) -> list[list[float]]:
    return read_markup(path).points.tolist() if path.exists() else []


def _same(one: list[list[float]], other: list[list[float]]) -> bool:
    return len(one) == len(other) and (not one or np.allclose(one, other, rtol=0.0, atol=1e-5))


def run(dataset: Path, kills: int, faults: int, seed: int, busy: bool = False) -> list[Outcome]:
    """So many kills, and so many hours in each of which one to three things fail; every other of those is killed."""
    ends = [(0, True)] * kills + [(1 + index % 3, index % 2 == 0) for index in range(faults)]
    outcomes = []
    with Annotators(dataset, busy) as annotators:
        for index, (count, killed) in enumerate(ends):
            outcomes.append(annotators.end(f"K{index}", seed * 1000 + index, count, killed))
    return outcomes


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--faults", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    text = "other work goes on here: the second counts only while the machine let the annotator run"
    parser.add_argument("--busy", action="store_true", help=text)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_phantom(Path(folder), "01", PhantomSettings.small(), 1, [])
        outcomes = run(Path(folder), options.kills, options.faults, options.seed, options.busy)
    for index, outcome in enumerate(outcomes):
        for fault in outcome.faults:
            print(f"{index}: {fault}")
    bad = sum(bool(outcome.faults) for outcome in outcomes)
    edits = sum(outcome.edits for outcome in outcomes)
    raised = sum(len(outcome.raised) for outcome in outcomes)
    print(
        f"{options.kills} kills, {options.faults} hours in which {raised} things failed, {edits} edits:"
        f" {bad} ends lost something"
    )
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
