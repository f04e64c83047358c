"""Prints what the main steps cost on the largest input at hand: wall and CPU time and memory, medians of several runs.

    python Testing/measure/bench.py [MARKERS SUBJECT]

Without arguments it takes the real subject beside the repository, where it is, or else makes a synthetic one. Every
run is a process of its own, so that memory is that of the step alone (with what Python and its libraries take).
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "SpineRootAnnotator"
REAL = ROOT.parent / "shared" / "data" / "sub-03" / "markers"
RUNS = 5
Timed = Callable[[], object]


def read(markers: Path, subject: str) -> Timed:
    """Read all files of the subject."""
    from SpineRootLib.annotation_files import read_annotation

    return lambda: read_annotation(markers, subject)


def write(markers: Path, subject: str) -> Timed:
    """Write them, without waiting for the disk."""
    from SpineRootLib.annotation_files import read_annotation, write_annotation

    annotation = read_annotation(markers, subject)
    folder = scratch()
    return lambda: write_annotation(folder, annotation, durable=False)


def check(markers: Path, subject: str) -> Timed:
    """All rules, for the first time."""
    from SpineRootLib.annotation_files import read_annotation
    from SpineRootLib.checks import Checker

    annotation = read_annotation(markers, subject)
    return lambda: Checker()(annotation)


def check_after_an_edit(markers: Path, subject: str) -> Timed:
    """All rules after one point was moved, as in an open session."""
    from SpineRootLib.annotation_files import read_annotation
    from SpineRootLib.checks import Checker

    annotation = read_annotation(markers, subject)
    checker = Checker()
    checker(annotation)
    root, points = next(iter(annotation.roots.items()))
    number = int(annotation.require_planes().number(points)[0])

    def edit() -> None:
        annotation.set_root_point(root, number, points[0] + 0.1)
        checker(annotation)

    return edit


def model(markers: Path, subject: str) -> Timed:
    """`spineroot model`, files and report included."""
    from SpineRootLib.commands import main as spineroot

    folder = str(scratch())
    return lambda: spineroot(["model", str(markers), "--subject", subject, "--out", folder, "--json"])


def scratch() -> Path:
    """A folder that is removed when the process ends."""
    folder = tempfile.TemporaryDirectory(prefix="bench-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


STEPS = {
    "read all files": read,
    "write all files": write,
    "check, first time": check,
    "check after an edit": check_after_an_edit,
    "model": model,
}


def run_step(name: str, markers: Path, subject: str) -> dict[str, float]:
    """Time one step in this process: seconds of wall and CPU, and the peak of memory in MB."""
    timed = STEPS[name](markers, subject)
    output, sys.stdout = sys.stdout, open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    wall, cpu = time.perf_counter(), time.process_time()
    timed()
    cost = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    sys.stdout.close()
    sys.stdout = output
    return {**cost, "memory": peak_memory_mb()}


def peak_memory_mb() -> float:
    """The most memory that this process has held; not known on Windows."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage on Linux counts the parent's memory as well
        return next(float(line.split()[1]) / 1024 for line in status.read_text().splitlines() if "VmHWM" in line)
    try:
        import resource
    except ImportError:
        return float("nan")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def in_own_process(name: str, markers: Path, subject: str) -> dict[str, float]:
    """The costs of a step in a fresh process."""
    command = [sys.executable, __file__, str(markers), subject, "--step", name]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    return json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)


def synthetic(folder: Path) -> tuple[Path, str]:
    """Markups of a synthetic subject of the size of a real one."""
    from SpineRootLib.annotation_files import write_annotation
    from SpineRootLib.phantom import PhantomSettings, make_truth

    truth = make_truth(PhantomSettings(), 1).annotation
    write_annotation(folder, truth, durable=False)
    return folder, truth.subject


def report(markers: Path, subject: str, what: str) -> None:
    """Measure and print every step."""
    from SpineRootLib.annotation_files import subject_folder

    files = len(list(subject_folder(markers, subject).glob("*.json")))
    print(f"{what}: {files} files; {platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()}")
    print(f"medians of {RUNS} runs (least and most)\n")
    print(f"{'step':22}{'wall s':>24}{'CPU s':>24}{'peak MB':>10}")
    for name in STEPS:
        costs = [in_own_process(name, markers, subject) for _ in range(RUNS)]
        print(f"{name:22}{spread(costs, 'wall'):>24}{spread(costs, 'cpu'):>24}{max(c['memory'] for c in costs):10.0f}")


def spread(costs: list[dict[str, float]], key: str) -> str:
    """Median, least and most of the runs."""
    values = [cost[key] for cost in costs]
    return f"{statistics.median(values):.3f} ({min(values):.3f}-{max(values):.3f})"


def main() -> None:
    """Parse the arguments and measure."""
    sys.path.insert(0, str(PACKAGE))
    parser = argparse.ArgumentParser(description="What the main steps cost on the largest input at hand.")
    parser.add_argument("markers", nargs="?", type=Path, help="folder of markups")
    parser.add_argument("subject", nargs="?", default="03")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(json.dumps(run_step(options.step, options.markers, options.subject)))
    elif options.markers or REAL.is_dir():
        report(
            options.markers or REAL, options.subject, "a real subject" if not options.markers else str(options.markers)
        )
    else:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            report(*synthetic(Path(folder)), "a synthetic subject")


if __name__ == "__main__":
    main()
