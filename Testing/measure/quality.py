"""Measures how long the image quality of a subject takes, and how well the sac is found where nobody has drawn it.

    python Testing/measure/quality.py DATASET 01

The dataset needs a CISS image and an annotation of the subject, such as `spineroot phantom` makes.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "SpineRootAnnotator"))

from SpineRootLib.dataset import Dataset  # noqa: E402
from SpineRootLib.images import read_image  # noqa: E402
from SpineRootLib.quality import QualitySettings, look_for_sac, slice_quality  # noqa: E402
from SpineRootLib.quality.tissue import annotated_tissue  # noqa: E402


def main(arguments: list[str]) -> int:
    """Print the table."""
    dataset, subject = Dataset.open(Path(arguments[0])), arguments[1]
    costs = [run(dataset.root, subject) for _ in range(3)]
    for name, column in zip(("wall s", "CPU s", "peak MB"), zip(*costs, strict=True), strict=True):
        print(f"spineroot quality, all images and the figure, {name:44} {statistics.median(column):.2f}")
    ciss = read_image(dataset.image(subject, "CISS"))
    annotation, sac, settings = dataset.read(subject), look_for_sac(ciss), QualitySettings()
    for name, path in dataset.images(subject).items():
        if sac.annotation is None or name not in ("CISS", "T2TSE"):
            continue
        image = read_image(path)
        drawn, found = (mask(image, marked, settings) for marked in (annotation, sac.annotation))
        shared = np.count_nonzero(drawn & found)
        print(f"{name}: share of the drawn dura that is found                {shared / np.count_nonzero(drawn):.3f}")
        print(f"{name}: share of what is found that lies in the drawn dura   {shared / np.count_nonzero(found):.3f}")
        for source, rows in (
            ("drawn", slice_quality(image, annotation, settings, name)),
            ("found", slice_quality(image, None, settings, name, sac=sac)),
        ):
            means = [np.nanmean([getattr(row, measure) for row in rows]) for measure in ("snr", "cnr")]
            print(f"{name}: mean SNR and CNR, {source} {means[0]:34.2f} {means[1]:.2f}")
    return 0


def run(dataset: Path, subject: str) -> tuple[float, float, float]:
    """Wall and CPU seconds and peak MB of one process."""
    out = tempfile.mkdtemp(prefix="quality-")
    command = [sys.executable, "-m", "SpineRootLib", "quality", str(dataset), "--subject", subject, "--out", out]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "SpineRootAnnotator")}
    start = time.perf_counter()
    process = os.spawnve(os.P_NOWAIT, sys.executable, command, environment)
    _, status, usage = os.wait4(process, 0)
    if status:
        raise SystemExit(f"spineroot quality failed on {dataset}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def mask(image, annotation, settings):
    """The voxels inside an annotation's dura."""
    inside = np.zeros(image.voxels.shape, dtype=bool)
    box = annotated_tissue(image, annotation, settings)
    inside[box.part()] = box.labels > 0
    return inside


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
