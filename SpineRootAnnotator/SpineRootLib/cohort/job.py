"""One subject's work in a cohort, and what came of it: both small, so that they travel between processes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from SpineRootLib import __version__
from SpineRootLib.agreement.consensus_files import resolutions_path
from SpineRootLib.agreement.figure_of_agreement import MARGINS_MM
from SpineRootLib.agreement.resolutions import MEAN
from SpineRootLib.anatomy import DEFAULT_SEGMENTS
from SpineRootLib.atomic import write_text
from SpineRootLib.dataset import IMAGES, Dataset
from SpineRootLib.naming import subject_path

DONE, FAILED, SKIPPED, NOTHING = "done", "failed", "skipped", "nothing to do"


@dataclass(frozen=True)
class SubjectJob:
    """What is to be done for one subject.

    Parameters
    ----------
    dataset : the folder of the dataset.
    out : the folder under which ``derivatives/`` and ``logs/`` are written.
    steps : names of the steps, in their order.
    blind : whether annotators must have signed off.
    accept : whether disagreements above the limit are averaged unresolved.
    skip_existing : whether a subject whose results are there, made from what its inputs are now, is left alone.
    run : which of several runs of an image is meant.
    accept_image : whether an image is taken though what is marked does not lie on what it shows.
    average : how annotations are averaged; see `ConsensusSettings`.
    margins : mm, within which biases are tested to lie.
    """

    dataset: Path
    out: Path
    subject: str
    steps: tuple[str, ...]
    segments: tuple[str, ...] = DEFAULT_SEGMENTS
    blind: bool = True
    accept: bool = False
    skip_existing: bool = False
    run: str | None = None
    accept_image: bool = False
    average: str = MEAN
    margins: tuple[float, ...] = MARGINS_MM

    @property
    def results(self) -> Dataset:
        """The results, laid out as a dataset's derivatives."""
        return Dataset(self.out)

    @property
    def log(self) -> Path:
        """The subject's log."""
        return self.out / "logs" / f"sub-{self.subject}.log"

    @property
    def record(self) -> Path:
        """What the last run did for the subject."""
        return self.out / "logs" / f"sub-{self.subject}_run.json"

    def asked(self) -> dict[str, Any]:
        """What decides the results, as it stands in the record."""
        asked = {key: value for key, value in asdict(self).items() if key not in ("dataset", "out", "skip_existing")}
        lists = {key: list(asked[key]) for key in ("steps", "segments", "margins")}
        return {**asked, **lists, "version": __version__}


@dataclass(frozen=True)
class SubjectOutcome:
    """What came of a subject's work.

    Parameters
    ----------
    status : ``done``, ``failed``, ``skipped``, or ``nothing to do`` where no step found anything to work on.
    message : why it failed, one sentence.
    seconds : by step.
    warnings : what is to be looked after, one sentence each.
    """

    subject: str
    status: str
    message: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def inputs_state(job: SubjectJob) -> str:
    """A digest of what a subject's results are made from: names, sizes and times of annotations, images and what was
    settled."""
    dataset = Dataset(job.dataset)
    folders = [dataset.markers(label) for label in (None, *dataset.annotators(job.subject))]
    files = [path for folder in folders for mark in "-_" for path in subject_path(folder, job.subject, mark).glob("*")]
    files += [path for name in IMAGES for path in dataset.image_files(job.subject, name)]
    files.append(resolutions_path(job.results.markers(), job.subject))
    if "consensus" not in job.steps:  # else it is made, not read
        files += subject_path(job.results.markers(), job.subject).glob("*")
    stats = {str(path): path.stat() for path in sorted(files) if path.exists()}
    lines = [f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in stats.items()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def already_done(job: SubjectJob) -> bool:
    """Whether the last run did the same for the subject, from the same inputs, to the end, and its files are there."""
    try:
        record = json.loads(job.record.read_text(encoding="utf-8"))
        there = all((job.out / name).exists() for name in record["files"])
        same = record["asked"] == job.asked() and record["inputs"] == inputs_state(job)
        return bool(record["status"] == DONE and same and there)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def write_record(job: SubjectJob, outcome: SubjectOutcome) -> Path:
    """Write what a run did."""
    document = {**asdict(outcome), "asked": job.asked(), "inputs": inputs_state(job)}
    return write_text(job.record, json.dumps(document, indent=2) + "\n")


def relative_files(job: SubjectJob, files: Sequence[Path]) -> tuple[str, ...]:
    """Files as they stand in the record."""
    return tuple(path.relative_to(job.out).as_posix() for path in files)
