"""`spineroot run`: a BIDS App, from every subject's annotations to the cohort's tables, figures and report."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path

from SpineRootLib import __version__
from SpineRootLib.agreement.consensus import AVERAGES
from SpineRootLib.agreement.resolutions import MEAN
from SpineRootLib.cohort.group import write_group
from SpineRootLib.cohort.job import DONE, FAILED, NOTHING, SKIPPED, SubjectJob, SubjectOutcome
from SpineRootLib.cohort.resources import SUBJECT_MB, processes_within, working_folder
from SpineRootLib.cohort.schedule import run_all
from SpineRootLib.cohort.steps import STEPS
from SpineRootLib.commands.base import (
    Command,
    Summary,
    add_accept_image,
    add_margins,
    add_run,
    add_segments,
    argument,
    margins_of,
    warn,
)
from SpineRootLib.commands.raters import check_apart
from SpineRootLib.dataset import Dataset
from SpineRootLib.dataset_description import ignore, write_description
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.naming import session_label, split_label, subject_label


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--version", action="version", version=f"spineroot {__version__}")
    parser.add_argument("dataset", type=Path, metavar="DATASET", help="folder of the BIDS dataset")
    parser.add_argument("out", type=Path, metavar="OUT", help="folder of the results: OUT/derivatives and OUT/logs")
    parser.add_argument("level", choices=("participant", "group"), help="each subject, or what they say together")
    parser.add_argument(
        *("--participant-label", "--participant_label"),
        nargs="+",
        action="extend",
        type=argument(subject_label),
        metavar="01",
        help="these subjects only, with or without sub-",
    )
    parser.add_argument(
        *("--session-label", "--session_label", "--session"),
        nargs="+",
        action="extend",
        type=argument(session_label),
        metavar="01",
        help="these sessions only",
    )
    add_run(parser)
    add_accept_image(parser)
    parser.add_argument(
        *("--skip-bids-validation", "--skip_bids_validation"),
        action="store_true",
        help="taken as other BIDS Apps take it: the dataset is not validated in any case",
    )
    text = "processes on this machine (default: 1)"
    parser.add_argument("--n-jobs", "--n_jobs", type=_count, default=1, metavar="N", help=text)
    text = (
        f"memory for all processes, of which there are as many as find room, {SUBJECT_MB} MB each (default: no limit)"
    )
    parser.add_argument("--mem-mb", "--mem_mb", type=_megabytes, metavar="MB", help=text)
    text = "folder for temporary files (default: one in OUT, taken away at the end)"
    parser.add_argument("--work-dir", "--work_dir", "-w", type=Path, metavar="DIR", help=text)
    parser.add_argument("--skip-existing", action="store_true", help="leave alone whose results are up to date")
    parser.add_argument(
        "--scheduler", type=_address, metavar="tcp://HOST:PORT", help="run the subjects on this Dask cluster"
    )
    parser.add_argument(
        "--steps", nargs="+", choices=tuple(STEPS), default=tuple(STEPS), help=f"of {', '.join(STEPS)} (default: all)"
    )
    add_segments(parser)
    parser.add_argument("--accept", action="store_true", help="average also what is above the limit and unresolved")
    add_margins(parser)
    parser.add_argument("--average", choices=AVERAGES, default=MEAN, help="how, as in 'consensus' (default: mean)")
    parser.add_argument("--not-blind", action="store_true", help="work also on what has not been signed off")


def _run(options: argparse.Namespace) -> Summary:
    dataset = Dataset.open(options.dataset, options.run)
    _check_out(dataset, options.out)
    if options.level == "group":
        with working_folder(options.out, options.work_dir):
            files, lines = write_group(Dataset(options.out), options.segments, margins_of(options), options.progress)
        return Summary((*lines, f"Written to {options.out / 'derivatives' / 'group'}"), {}, tuple(files))
    subjects = _subjects(dataset, options.participant_label, options.session_label)
    jobs = _jobs(options, subjects)
    n_jobs = processes_within(options.mem_mb, options.n_jobs)
    with working_folder(options.out, options.work_dir):
        _describe_out(dataset, options.out)
        outcomes = run_all(jobs, n_jobs, options.scheduler, options.progress)
    warn(options, (f"sub-{each.subject}: {warning}" for each in outcomes for warning in each.warnings))
    _raise_failures(outcomes, options.out)
    counts = {status: sum(each.status == status for each in outcomes) for status in (DONE, SKIPPED, NOTHING)}
    values = {**counts, "subjects": {each.subject: each.status for each in outcomes}}
    if counts[NOTHING] == len(outcomes):
        asked = f"no annotations or images that can be taken for {', '.join(options.steps)}"
        raise DatasetError(f"holds nothing to work on: {asked}", options.dataset)
    empty = f", with nothing to work on: {counts[NOTHING]}" if counts[NOTHING] else ""
    done = f"subjects done: {counts[DONE]}, skipped: {counts[SKIPPED]}{empty}"
    text = f"{done}; written to {options.out / 'derivatives'}"
    return Summary((text,), values, tuple(job.record for job in jobs))


def _check_out(dataset: Dataset, out: Path) -> None:
    """Results lie outside of the dataset, or in its derivatives, in nobody's markers."""
    if out.resolve() == dataset.root.resolve():
        return
    if not out.resolve().is_relative_to(dataset.derivatives.resolve()):
        check_apart(out, dataset.root)
    for markers in (dataset.markers(), *map(dataset.markers, dataset.annotators())):
        check_apart(out, markers)


def _describe_out(dataset: Dataset, out: Path) -> None:
    """Results elsewhere are a dataset of their own; the logs are none that BIDS knows."""
    if out.resolve() == dataset.root.resolve():
        ignore(out, ["logs"])
    else:
        write_description(out, "Results of SpineRoot", images=dataset.rawdata)


def _subjects(dataset: Dataset, asked: list[str] | None, sessions: list[str] | None) -> list[str]:
    """The labels that are asked for; a subject's stands for all of its sessions."""
    there = dataset.subjects()
    found: list[str] = []
    for subject in there if asked is None else asked:
        own = [label for label in there if subject in (label, split_label(label)[0])]
        if not own:
            raise DatasetError(f"holds no sub-{subject}", dataset.root)
        found += [label for label in own if sessions is None or split_label(label)[1] in sessions]
    if not found:
        raise DatasetError(f"holds no session {' or '.join(sessions or ())} of these subjects", dataset.root)
    return list(dict.fromkeys(found))


def _jobs(options: argparse.Namespace, subjects: list[str]) -> list[SubjectJob]:
    # in their own order, whatever the order in which they are named
    steps = tuple(name for name in STEPS if name in options.steps)
    root, out = options.dataset.resolve(), options.out.resolve()
    how = {"blind": not options.not_blind, "accept": options.accept, "skip_existing": options.skip_existing}
    how |= {"run": options.run, "accept_image": options.accept_image, "average": options.average}
    how |= {"margins": margins_of(options)}
    return [SubjectJob(root, out, subject, steps, options.segments, **how) for subject in subjects]


def _raise_failures(outcomes: list[SubjectOutcome], out: Path) -> None:
    failed = [each for each in outcomes if each.status == FAILED]
    if failed:
        first = f"sub-{failed[0].subject}: {failed[0].message}"
        others = "".join(f", sub-{each.subject}" for each in failed[1:])
        also = f" (also{others[1:]})" if others else ""
        done = ", the others are done" if len(failed) < len(outcomes) else ""
        fault = f"{len(failed)} of {len(outcomes)} subjects failed{done}; {first}{also}"
        raise SpineRootError(f"{fault}; see {out / 'logs'}")


def _address(text: str) -> str:
    if not re.fullmatch(r"(tcp|tls|wss?|ucx)://[^\s/]+:\d+", text):
        raise argparse.ArgumentTypeError(f"'{text}' is no address of a Dask scheduler, such as tcp://localhost:8786")
    return text


def _megabytes(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no memory in MB")
    return int(text)


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of processes")
    return min(int(text), 8 * (os.cpu_count() or 1))


COMMAND = Command("run", _add_arguments, _run)
