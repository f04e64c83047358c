"""Runs the benchmark of assisted tracing and writes `Documentation/accuracy.md` and its pictures.

    python Testing/benchmark/run.py [--folder DIR] [--only GROUP ...] [--again TRACER ...] [--processes 2]
        [--report-only]

Every case is a phantom of a frozen seed and setting, written as a dataset; every tracer completes it as a command of
its own, files in and files out. Results that lie in the folder already are kept: after a change of the tracer
`--again now` asks it anew, while the control and version 0.1, which never change, are not. What other
scripts measured stands in `apart.md` beside this one, and is taken into the page.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cases import Case, all_cases, sparse
from curves import draw_curves
from report import write_report
from score import contour_scores, root_scores
from tracers import ROOT, TracerUnderTest, control, now, old

from SpineRootLib.anatomy import CORD, DURA
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import read_annotation, write_annotation
from SpineRootLib.dataset import Dataset
from SpineRootLib.dataset_description import write_description
from SpineRootLib.images import read_image, write_image
from SpineRootLib.phantom import make_truth
from SpineRootLib.phantom.ciss import make_ciss
from SpineRootLib.phantom.sac_contents import sac_contents

_SUBJECT = "01"
# An empty file in a case's dataset, once all of it is written.
_WHOLE = ".whole"


def run_case(case: Case, folder: Path, tracers: list[TracerUnderTest], again: Sequence[str] = ()) -> Path:
    """One case with the tracers whose results are not there, or are asked for again; the results as a file."""
    out = folder / f"{case.name}.json"
    results: dict[str, Any] = {"group": case.group, "seed": case.seed, "value": case.value, "label": case.label}
    known = json.loads(out.read_text(encoding="utf-8"))["tracers"] if out.exists() else {}
    results["tracers"] = {name: each for name, each in known.items() if name not in again}
    missing = [tracer for tracer in tracers if tracer.name not in results["tracers"]]
    if not missing:
        return out
    dataset = folder / case.name
    truth = _written(case, dataset)
    for tracer in missing:
        results["tracers"][tracer.name] = _by_tracer(case, dataset, truth, tracer)
    out.write_text(json.dumps(results), encoding="utf-8")
    for path in dataset.glob("out-*"):
        shutil.rmtree(path)
    return out


def _written(case: Case, dataset: Path) -> Annotation:
    """The phantom as a dataset: its CISS image, its truth, and the sparse annotations; the truth."""
    path = dataset / f"rawdata/sub-{_SUBJECT}/anat/sub-{_SUBJECT}_CISS.nii.gz"
    if (dataset / _WHOLE).exists():
        truth = Dataset.open(dataset).read(_SUBJECT)
        truth.planes = read_image(path).planes()
        return truth
    made = make_truth(case.settings, case.seed, _SUBJECT)
    around = sac_contents(made.spine, case.settings.distractors, case.seed)
    image, truth = make_ciss(made, around, case.settings.image, case.seed), made.annotation
    write_image(path, image)
    write_description(dataset / "rawdata", "benchmark", derivative=False)
    for name, annotation in (
        ("", truth),
        *((m.name, sparse(truth, m, case.seed, m.name)) for m in case.marks),
    ):
        write_annotation(dataset / f"derivatives/markers{'-' if name else ''}{name}", annotation, durable=False)
    (dataset / _WHOLE).touch()
    return truth


def _by_tracer(case: Case, dataset: Path, truth: Annotation, tracer: TracerUnderTest) -> dict[str, object]:
    found: dict[str, object] = {}
    # version 0.1 is shown where a mark lies on every tenth slice
    for marks in case.marks if tracer.name != "0.1" else case.marks[:1]:
        out = dataset / f"out-{tracer.name}-{marks.name}"
        before = _seconds_of_commands()
        fault = tracer.complete(dataset, _SUBJECT, marks.name, out)
        processor = _seconds_of_commands() - before
        given = sparse(truth, marks, case.seed, marks.name)
        done = given if fault else read_annotation(out, _SUBJECT, truth.planes)
        done.planes = truth.planes
        scores: dict[str, object] = {"roots": asdict(root_scores(truth, given, done))}
        for structure in (DURA, CORD) if marks is case.marks[0] else ():
            scores[structure] = asdict(contour_scores(truth, given, done, structure))
        found[marks.name] = {"fault": fault, "processor_seconds": processor, **scores}
    if "clicks" in case.tags and tracer.name != "control":
        more = ("--annotator",) if "annotator" in case.tags else ()
        script = str(ROOT / "Testing" / "benchmark" / "clicks.py")
        done_clicks = tracer.run((script, str(dataset), _SUBJECT, str(case.seed), *more), 1500.0)
        found["clicks"] = (
            json.loads(done_clicks.stdout) if done_clicks.returncode == 0 else {"fault": done_clicks.stderr}
        )
    return found


def _seconds_of_commands() -> float:
    """Processor time of all commands that this process has run and that have ended, s."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Run what is asked for, and write the report of all results there are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=ROOT / "run" / "benchmark", help="of data and results")
    parser.add_argument("--only", nargs="+", help="groups of cases")
    parser.add_argument("--again", nargs="+", default=(), help="tracers whose results are made anew, such as now")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--report-only", action="store_true")
    parser.add_argument("--out", type=Path, default=ROOT / "Documentation" / "accuracy.md")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    chosen = [case for case in all_cases() if not options.only or case.group in options.only]
    if not options.report_only:
        earlier = old(options.folder)
        tracers = [control(), *([earlier] if earlier else []), now()]
        with ProcessPoolExecutor(options.processes) as pool:
            jobs = [pool.submit(run_case, case, options.folder, tracers, options.again) for case in chosen]
            for job in jobs:
                print(job.result(), flush=True)
    results = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(options.folder.glob("*.json"))]
    draw_curves(results, options.out.parent)
    missing = [case.name for case in all_cases() if not (options.folder / f"{case.name}.json").exists()]
    print(write_report(results, options.out, missing))


if __name__ == "__main__":
    main()
