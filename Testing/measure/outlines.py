"""Measures how outlines and roots vary from slice to slice: in sub-03, where ../shared is there, and in phantoms.

    python Testing/measure/outlines.py [--seeds 6]

First what interpolation from every 10th slice costs, without a look at the image; a phantom is to be as hard as the
person, so that the control of `measure_tracing.py` means something. Then, for sub-03, each order of the outline's
Fourier series split by maximum likelihood into a smooth trend, a Gaussian process (the outline's own variation) and
what is independent from slice to slice (the annotator's jitter): the source of `OutlineSettings`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from guesses import ByInterpolation
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from simulated_annotator import contour_distance

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, CORD
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import read_annotation
from SpineRootLib.curves import centroid
from SpineRootLib.phantom import AnnotatorSettings, PhantomSettings, make_truth, simulate_annotator

Array = NDArray[np.float64]
EVERY = 10
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "sub-03" / "markers"
# Rays of an outline; slices at the cord's tip that are left out; degree of the trend by order, else 3.
_RAYS, _TIP, _TREND = 96, 6, {0: 6, 1: 4, 2: 4}


def contour_cost(annotation: Annotation, structure: str) -> Array:
    """Mean distance of each interpolated contour, from every choice of seeds, mm."""
    planes = annotation.require_planes()
    contours = annotation.contours_by_slice(structure)
    numbers, off = sorted(contours), []
    for phase in range(EVERY):
        seeds = {number: contours[number].points for number in numbers[phase::EVERY]}
        found = ByInterpolation(planes).contours(structure, {}, seeds)
        between = [number for number in numbers if min(seeds) < number < max(seeds) and number not in seeds]
        off += [contour_distance(contours[number].curve(), found[number]) for number in between]
    return np.array(off)


def root_cost(annotation: Annotation) -> Array:
    """Distance of each interpolated root point, from every choice of seeds."""
    planes = annotation.require_planes()
    off = []
    for root in annotation.roots:
        points = annotation.root_by_slice(root)
        numbers = sorted(points)
        for phase in range(EVERY):
            chosen = {numbers[0], *numbers[phase::EVERY], numbers[-1]}
            sparse = Annotation("00", planes=planes, segments=annotation.segments)
            for number in sorted(chosen):
                sparse.set_root_point(root, number, points[number])
            found = ByInterpolation(planes).roots(sparse, {})[root]
            off += [np.linalg.norm(found[n] - points[n]) for n in numbers if n not in chosen]
    return np.array(off)


def cost_row(name: str, annotation: Annotation) -> list[float]:
    """Print and return mean and 95th percentile for dura, cord and roots."""
    costs = [contour_cost(annotation, structure) for structure in CONTOUR_STRUCTURES] + [root_cost(annotation)]
    row = [float(value) for cost in costs for value in (cost.mean(), np.percentile(cost, 95))]
    print(f"{name:34s}" + "".join(f"{mean:8.3f} /{p95:6.3f}" for mean, p95 in zip(row[::2], row[1::2], strict=True)))
    return row


def radii(annotation: Annotation, structure: str) -> tuple[Array, Array]:
    """Depth of each contour, (n,) mm, and its radius on equal angles about a smooth middle, (n, a) mm."""
    planes = annotation.require_planes()
    contours = annotation.contours_by_slice(structure)
    numbers = sorted(contours)[: -_TIP if structure == CORD else None]
    curves = [planes.flatten(contours[number].curve()) for number in numbers]
    powers = np.vander(np.linspace(-0.5, 0.5, len(numbers)), 8)
    middles = np.array([centroid(curve) for curve in curves])
    middles = powers @ np.linalg.lstsq(powers, middles, rcond=None)[0]
    angles = 2 * np.pi * np.arange(_RAYS) / _RAYS
    found = []
    for curve, middle in zip(curves, middles, strict=True):
        away = curve - middle
        angle = np.arctan2(away[:, 1], away[:, 0]) % (2 * np.pi)
        order = np.argsort(angle)
        found.append(np.interp(angles, angle[order], np.hypot(*away[order].T), period=2 * np.pi))
    return np.array(numbers) * planes.spacing, np.array(found)


def split(depth: Array, values: Array, degree: int) -> Array:
    """Standard deviation and length of the process, and the jitter, of courses (n, k) beside a polynomial trend."""
    apart = np.abs(depth[:, None] - depth)
    powers = np.vander((depth - depth.mean()) / np.ptp(depth), degree + 1)
    free = np.linalg.svd(powers)[0][:, powers.shape[1] :]
    rest = free.T @ values

    def unlikely(guess: Array) -> float:
        if not (guess.min() > -9 and guess.max() < np.log(40.0)):
            return 1e9
        own, length, jitter = np.exp(guess)
        covariance = own**2 * np.exp(-0.5 * (apart / length) ** 2) + (jitter**2 + 1e-9) * np.eye(len(depth))
        factor = cho_factor(free.T @ covariance @ free)
        return float(values.shape[1] * np.log(np.diag(factor[0])).sum() + 0.5 * np.sum(rest * cho_solve(factor, rest)))

    starts = [np.log([0.1, length, 0.05]) for length in (4.0, 10.0, 20.0)]
    options = {"maxiter": 2000}
    found = [minimize(unlikely, start, method="Nelder-Mead", options=options) for start in starts]
    return np.asarray(np.exp(min(found, key=lambda each: each.fun).x))


def print_split(annotation: Annotation, structure: str) -> None:
    """The variation of a structure by order."""
    depth, radius = radii(annotation, structure)
    series = np.fft.rfft(radius, axis=1) / _RAYS
    print(f"\n{structure}: order   own sd mm   length mm   jitter mm")
    total = np.zeros(2)
    for order in range(9):
        parts = [series[:, order].real] if order == 0 else [2 * series[:, order].real, 2 * series[:, order].imag]
        own, length, jitter = split(depth, np.column_stack(parts), _TREND.get(order, 3))
        total += np.square([own, jitter])
        print(f"{order:{len(structure) + 7}d} {own:11.3f} {length:11.1f} {jitter:11.3f}")
    print(f"all {np.sqrt(total[0]):{len(structure) + 15}.3f} {np.sqrt(total[1]):23.3f}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=6)
    seeds = range(1, parser.parse_args().seeds + 1)
    print(f"{'interpolated from every 10th slice':34s}{'dura mean / p95':>16s}{'cord':>16s}{'roots':>16s}")
    real = read_annotation(REAL, "03") if REAL.is_dir() else None
    if real is not None:
        cost_row("sub-03", real)
    truths = [make_truth(PhantomSettings(), seed).annotation for seed in seeds]
    marked = [
        simulate_annotator(truth, AnnotatorSettings(jitter_mm=(0.1, 0.1), drift_mm=(0.0, 0.0), missed=0.0), seed)
        for seed, truth in zip(seeds, truths, strict=True)
    ]
    for name, group in (("annotated", marked), ("truth", truths)):
        rows = [cost_row(f"phantom {seed}, {name}", each) for seed, each in zip(seeds, group, strict=True)]
        mean = np.mean(rows, axis=0)
        print(f"{'mean':34s}" + "".join(f"{mean[at]:8.3f} /{mean[at + 1]:6.3f}" for at in (0, 2, 4)))
    if real is not None:
        for structure in CONTOUR_STRUCTURES:
            print_split(real, structure)


if __name__ == "__main__":
    main()
