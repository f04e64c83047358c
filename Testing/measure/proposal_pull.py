"""Measures how often a pull towards proposals is found, and how often one is found that is none.

    python Testing/measure/proposal_pull.py [--studies 1000]

14 subjects, 2 annotators, 14 roots on 40 slices each. A mark is off by its annotator's bias (0.15 mm), his shift in a
subject (0.2 mm) and along the slices (0.3 mm, correlated by 0.7); a proposal by 0.5 mm along the slices, correlated by
0.9. Where a proposal is shown, a mark moves towards it by the pull, at most onto it. Places are drawn as in a dataset.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "SpineRootAnnotator"))

from SpineRootLib.anatomy import DEFAULT_SEGMENTS, ROOTS, all_roots  # noqa: E402
from SpineRootLib.place import Place  # noqa: E402
from SpineRootLib.statistics.pull import Pull, pull_of  # noqa: E402
from SpineRootLib.unaided_controls import ControlSettings, draw_controls  # noqa: E402

SLICES = 40


def main(arguments: list[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--studies", type=int, default=1000)
    options = parser.parse_args(arguments)
    for pull in (0.0, 0.1, 0.2):
        found = [study(np.random.default_rng([seed, 3]), pull, seed) for seed in range(options.studies)]
        for at, name in enumerate(("to the proposal", "between annotators")):
            values = [each[at].estimate for each in found]
            detected = 100 * np.mean([each[at].p is not None and each[at].p < 0.05 for each in found])
            mean = np.mean([each.value for each in values])
            width = np.mean([each.half_width for each in values])
            print(f"pull {pull:.1f} mm, {name:20} found in {detected:5.1f} %, mean {mean:.3f} +- {width:.3f} mm")
    return 0


def study(rng: np.random.Generator, pull: float, seed: int, subjects: int = 14) -> tuple[Pull, Pull]:
    """The pull within annotators, and what it does to their agreement, in one study."""
    roots = all_roots(DEFAULT_SEGMENTS)
    bias = rng.normal(0, 0.15, (2, 2))
    off, apart, aided = [], [], []
    for subject in range(subjects):
        controls = draw_controls(ControlSettings(seed=seed), f"{subject:02}", roots, SLICES)
        shown = np.array([[Place(ROOTS, root, n) not in controls for n in range(1, SLICES + 1)] for root in roots])
        proposal = 0.5 * correlated(rng, 0.9, len(roots), 1)
        marks = bias + 0.2 * rng.normal(size=(1, 1, 2, 2)) + 0.3 * correlated(rng, 0.7, len(roots), 2)
        away = proposal - marks
        length = np.linalg.norm(away, axis=-1, keepdims=True)
        marks = marks + away / length * np.minimum(pull, length) * shown[..., None, None]
        off.append(np.linalg.norm(marks - proposal, axis=-1))
        apart.append(np.linalg.norm(marks[:, :, 0] - marks[:, :, 1], axis=-1))
        aided.append(shown)
    shown = np.stack(aided)
    who = np.broadcast_to(np.arange(subjects)[:, None, None], shown.shape)
    which = np.broadcast_to(np.arange(len(roots))[:, None], shown.shape)
    of_both = [np.stack([each, each], axis=-1).ravel() for each in (shown, which, who)]
    strata = of_both[1] * 2 + np.tile([0, 1], shown.size)
    within = pull_of(np.stack(off).ravel(), of_both[0], strata, of_both[2])
    return within, pull_of(np.stack(apart).ravel(), shown.ravel(), which.ravel(), who.ravel())


def correlated(rng: np.random.Generator, phi: float, roots: int, annotators: int) -> np.ndarray:
    """Errors of unit variance, (roots, slices, annotators, 2), correlated along the slices."""
    noise = rng.normal(size=(roots, SLICES, annotators, 2))
    for index in range(1, SLICES):
        noise[:, index] = phi * noise[:, index - 1] + np.sqrt(1 - phi**2) * noise[:, index]
    return noise


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
