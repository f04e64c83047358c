"""What a cohort costs: models of phantom subjects one after the other in one process, its memory, and the group level.

    python Testing/measure/cohort.py [--subjects 50] [--steps compare consensus model]

Prints the processor's seconds and the memory per subject, whether memory grows with the subjects, and what a thousand
would take on two cores. Linux alone: memory is read in /proc.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "SpineRootAnnotator"))

import numpy as np  # noqa: E402

from SpineRootLib.anatomy import DEFAULT_SEGMENTS  # noqa: E402
from SpineRootLib.annotation_files import write_annotation  # noqa: E402
from SpineRootLib.cohort.group import write_group  # noqa: E402
from SpineRootLib.cohort.job import SubjectJob  # noqa: E402
from SpineRootLib.cohort.participant import run_subject  # noqa: E402
from SpineRootLib.cohort.steps import STEPS  # noqa: E402
from SpineRootLib.dataset import Dataset  # noqa: E402
from SpineRootLib.phantom import AnnotatorSettings, PhantomSettings, make_truth, simulate_annotator  # noqa: E402

COHORT = 1000
CORES = 2


def memory_mb(key: str = "VmRSS") -> float:
    """What this process holds now; its peak for ``VmHWM``."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(f"{key}:")).split()[1]) / 1024


def forget_peak() -> None:
    """Have the peak counted from now on."""
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")


def make_cohort(root: Path, count: int) -> list[str]:
    """Write the simulated annotations of as many phantoms, each of a seed of its own; their labels."""
    labels = [f"{number:04}" for number in range(1, count + 1)]
    for seed, label in enumerate(labels, start=1):
        truth = make_truth(PhantomSettings(), seed, label).annotation
        for annotator in "AB":
            marked = simulate_annotator(truth, AnnotatorSettings(), seed, annotator)
            write_annotation(root / "derivatives" / f"markers-{annotator}", marked)
    return labels


def measure(root: Path, count: int, steps: tuple[str, ...]) -> None:
    """Work on the cohort and print the table."""
    labels = make_cohort(root / "dataset", count)
    spent, held = [], []
    for label in labels:
        begin, begin_wall = time.process_time(), time.perf_counter()
        forget_peak()
        job = SubjectJob(root / "dataset", root / "out", label, steps, blind=False, accept=True)
        outcome = run_subject(job)
        spent.append(time.process_time() - begin)
        held.append(memory_mb("VmHWM"))
        wall = time.perf_counter() - begin_wall
        print(f"sub-{label}: {outcome.status}, {spent[-1]:.1f} s of processor, {wall:.1f} s, peak {held[-1]:.0f} MB")
    # the first subjects load what all need
    slope = np.polyfit(np.arange(len(held))[5:], held[5:], 1)[0] if len(held) > 10 else float("nan")
    hours = float(np.mean(spent)) * COHORT / CORES / 3600
    print(f"\nper subject: mean {np.mean(spent):.2f} s, worst {max(spent):.2f} s of processor")
    print(f"{COHORT} on {CORES} cores: {hours:.2f} h")
    print(f"peak memory: median {np.median(held):.0f} MB, largest {max(held):.0f} MB, {slope:+.2f} MB a subject")
    forget_peak()
    before, begin = memory_mb(), time.process_time()
    write_group(Dataset(root / "out"), DEFAULT_SEGMENTS)
    print(f"group: {time.process_time() - begin:.1f} s, {memory_mb('VmHWM') - before:+.0f} MB at its peak")


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, default=50)
    parser.add_argument("--steps", nargs="+", choices=tuple(STEPS), default=("compare", "consensus", "model"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options.subjects, tuple(name for name in STEPS if name in options.steps))


if __name__ == "__main__":
    main()
