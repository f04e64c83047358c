"""Prints what assisted tracing saves and how well it does, on phantoms: clicks, accuracy, certainty, time and memory.

    python Testing/measure/measure_tracing.py [--subjects 4] [--only clicks accuracy ends ganglia certainty cost]

Each table has the control beside it: the same seeds interpolated without looking at the image. `HELD_OUT` was never
looked at while the tracer was tuned.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Iterator

import numpy as np
from guesses import ByInterpolation, ByTracer, Guesses
from simulated_annotator import Habits, SimulatedAnnotator, Tally, contour_distance
from tracing_cases import CASES, FINE, HELD_OUT, Case

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, CORD, DURA, ROOTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import centroid, closed_curve, distance_to_polygon
from SpineRootLib.phantom import DistractorSettings, ImageSettings, Phantom, PhantomSettings, make_phantom
from SpineRootLib.tracing import ContourProposal, Tracer


def clicks(cases: list[Case]) -> None:
    """Clicks for a whole subject, and the same for the control."""
    print("\nCLICKS FOR A WHOLE SUBJECT (3,717 by hand; target 190, and half the control's)")
    print(
        f"{'case':52s} {'way':14s} total = start + corrected:   dura  cord  roots   errors before correction, mean mm"
    )
    for case in cases:
        phantom = case.make()
        tracer = Tracer(phantom.images["CISS"])
        control = ByInterpolation(tracer.planes)
        ways: list[tuple[str, Guesses, Habits]] = [
            ("proposals", ByTracer(tracer), Habits()),
            ("control", control, Habits()),
            ("control, /10", control, Habits(only_ends=False)),
        ]
        for name, guesses, habits in ways:
            tally = SimulatedAnnotator(phantom.truth, tracer.planes, guesses, habits, case.seed).annotate()
            print(f"{case.name[:52]:52s} {name:14s} {_tally_line(tally)}", flush=True)


def _tally_line(tally: Tally) -> str:
    fixed = [tally.corrections[name] for name in (DURA, CORD, ROOTS)]
    errors = "  ".join(f"{name} {np.mean(values):.3f}" for name, values in tally.errors.items())
    counts = "".join(f"{count:6d}" for count in fixed)
    return f"{tally.clicks:5d} = {tally.start.total():5d} + {sum(fixed):5d}:   {counts}   {errors}"


def accuracy(cases: list[Case]) -> None:
    """Roots from a point every 10 slices, contours from an inner click every 10 slices."""
    print(
        "\nACCURACY FROM EVERY 10TH SLICE, mm (targets: roots 0.15 / 0.5, 2 %; contours 0.15 / 0.4, Dice 0.97 / 0.95)"
    )
    for case in cases:
        phantom = case.make()
        tracer = Tracer(phantom.images["CISS"])
        print(case.name)
        for name, guesses in (("proposals", ByTracer(tracer)), ("control", ByInterpolation(tracer.planes))):
            label = "roots" if name == "proposals" else ""
            print(f"   {label:8s} {name:9s} {_root_accuracy(phantom, tracer, guesses, case.seed)}", flush=True)
        for structure in CONTOUR_STRUCTURES:
            for name, guesses in (("proposals", ByTracer(tracer)), ("control", ByInterpolation(tracer.planes))):
                label = structure if name == "proposals" else ""
                row = _contour_accuracy(phantom, tracer, guesses, structure, case.seed)
                print(f"   {label:8s} {name:9s} {row}", flush=True)


def _root_accuracy(phantom: Phantom, tracer: Tracer, guesses: Guesses, seed: int) -> str:
    habits = Habits(only_ends=False)
    worker = SimulatedAnnotator(phantom.truth, tracer.planes, guesses, habits, seed)
    truth = {root: phantom.truth.root_by_slice(root) for root in phantom.truth.roots}
    for root, points in truth.items():
        for number in [*sorted(points)[::10], max(points)]:
            worker.work.set_root_point(root, number, guesses.snapped(points[number] + worker.shake(habits.jitter)))
    found = guesses.roots(worker.work, {structure: worker.contours(structure) for structure in CONTOUR_STRUCTURES})
    off, wrong = [], 0
    for root, points in truth.items():
        for number, place in found[root].items():
            if number not in points or number in worker.work.root_by_slice(root):
                continue
            off.append(float(np.linalg.norm(place - points[number])))
            others = [each[number] for other, each in truth.items() if other != root and number in each]
            nearest = min((float(np.linalg.norm(place - each)) for each in others), default=np.inf)
            wrong += nearest < min(off[-1], 0.5)
    return _spread(off) + f"   on a wrong root {100 * wrong / max(len(off), 1):.1f} %"


def _contour_accuracy(phantom: Phantom, tracer: Tracer, guesses: Guesses, structure: str, seed: int) -> str:
    """From an inner click, or from a contour drawn by hand, on every 10th slice."""
    truth = phantom.truth.contours_by_slice(structure)
    chosen = list(truth)[::10]
    flat = tracer.planes.flatten
    worker = SimulatedAnnotator(phantom.truth, tracer.planes, guesses, Habits(), seed)
    inner = {number: worker.inner_click(truth[number].points) for number in chosen}
    found = guesses.contours(structure, inner, {number: worker.drawn(truth[number].points) for number in chosen})
    off, dice = [], []
    for number in sorted(set(found) & set(truth)):
        curve, right = flat(closed_curve(found[number])), flat(truth[number].curve())
        off.extend(distance_to_polygon(right, curve))
        dice.append(_dice(curve, right))
    lacking, extra = len(set(truth) - set(found)), len(set(found) - set(truth))
    points = np.mean([len(each) for each in found.values()])
    return (
        _spread(off) + f"   Dice {np.mean(dice):.3f}   missing {lacking}, too many {extra}   {points:.0f} points each"
    )


def _dice(first: np.ndarray, second: np.ndarray) -> float:
    """Overlap of two shapes about a common centre, by the area within the smaller and the larger radius."""
    middle = centroid(second)
    turn = 2 * np.pi * np.arange(360) / 360
    radii = []
    for curve in (first, second):
        away = curve - middle
        angle = np.arctan2(away[:, 1], away[:, 0]) % (2 * np.pi)
        order = np.argsort(angle)
        radii.append(np.interp(turn, angle[order], np.linalg.norm(away, axis=1)[order], period=2 * np.pi))
    common = np.sum(np.minimum(*radii) ** 2)
    return float(2 * common / (np.sum(radii[0] ** 2) + np.sum(radii[1] ** 2)))


def _spread(values: list[float]) -> str:
    return f"median {np.median(values):.3f}  mean {np.mean(values):.3f}  p95 {np.percentile(values, 95):.3f}"


def ends(cases: list[Case]) -> None:
    """Where roots begin and end, from points every 10 slices that stay away from there, and their ganglia."""
    print("\nROOT ENDS (slices and mm off; 14 roots a case)")
    for case in cases:
        phantom = case.make()
        tracer = Tracer(phantom.images["CISS"])
        worker = SimulatedAnnotator(phantom.truth, tracer.planes, ByTracer(tracer), Habits(), case.seed)
        around = {
            structure: {number: ContourProposal(points) for number, points in worker.contours(structure).items()}
            for structure in CONTOUR_STRUCTURES
        }
        truth = {root: phantom.truth.root_by_slice(root) for root in phantom.truth.roots}
        for root, points in truth.items():
            worker.work.set_ganglion(root, phantom.truth.ganglia[root])
            for number in sorted(points)[5:-5:10]:
                worker.work.set_root_point(root, number, points[number] + worker.shake(0.12))
        found = tracer.propose_root_ends(worker.work, surroundings=around)
        for name, which, extreme in (("start", 0, min), ("end", 1, max)):
            right = {root: extreme(points) for root, points in truth.items()}
            off = [abs(found[root][which].slice - number) for root, number in right.items()]
            away = [
                float(np.linalg.norm(found[root][which].position - truth[root][number]))
                for root, number in right.items()
            ]
            print(
                f"{case.name[:52]:52s} {name:6s} slices: median {np.median(off):.1f}  mean {np.mean(off):.2f}"
                f"  worst {max(off)}   mm: {_spread(away)}",
                flush=True,
            )


def ganglia(cases: list[Case]) -> None:
    """Ganglia from clicks that miss by 1.5 mm a coordinate."""
    print("\nGANGLIA (mm off; T2TSE target: median 1.5, p95 3; 6 clicks on each of 14)")
    for case in cases:
        phantom = case.make()
        tracer = Tracer(phantom.images["CISS"], overviews=phantom.images)
        for image in ("DESS", "T2TSE"):
            random = np.random.default_rng(case.seed)
            truths = list(phantom.truth.ganglia.values()) * 6
            clicks_at = [(truth, truth + random.normal(0, 1.5, 3)) for truth in truths]
            found = [(truth, tracer.propose_ganglion(click, image=image)) for truth, click in clicks_at]
            off = [float(np.linalg.norm(each.position - truth)) for truth, each in found if each]
            print(f"{case.name[:52]:52s} {image:6s} {_spread(off)}   refused {len(found) - len(off)}", flush=True)


def certainty(subjects: int) -> None:
    """Confidence against accuracy as the image gets worse."""
    print(
        "\nCERTAINTY AS THE IMAGE GETS WORSE (roots from their ends, wrong by > 0.7 mm; contours from a click on every"
        "\n10th slice, wrong by > 0.4 mm in the mean; target: of >= 0.9 at most 3 % wrong)"
    )
    print(" noise  distractors            proposed  right  mean confidence   share >= 0.9   of these wrong")
    rows = []
    for noise in (0.06, 0.09, 0.12, 0.16, 0.20, 0.25):
        for times in (1, 2):
            distractors = DistractorSettings((times, 3 * times), True, 2 * times, 3 * times)
            image = ImageSettings(csf_to_root=2.5, noise=noise)
            cases = [Case("", 300 + subject, FINE, image, distractors) for subject in range(subjects)]
            phantoms = [(case.make(), case.seed) for case in cases]
            roots = [pair for phantom, seed in phantoms for pair in _judged(phantom, seed)]
            contours = [pair for phantom, seed in phantoms for pair in _judged_contours(phantom, seed)]
            rows.extend(roots)
            for name, pairs in (("roots", roots), ("contours", contours)):
                print(f"{noise:6.2f} {times:9d} x  {name:8s} {_certainty_line(np.array(pairs))}", flush=True)
    _reliability(np.array(rows))


def _certainty_line(pairs: np.ndarray) -> str:
    right, trust = pairs.T
    high = trust >= 0.9
    wrong = 1 - right[high].mean() if high.any() else 0
    return f"{len(pairs):9d} {right.mean():6.3f} {trust.mean():16.3f} {high.mean():14.2f} {wrong:16.3f}"


def _judged(phantom: Phantom, seed: int) -> Iterator[tuple[bool, float]]:
    """Each proposed point: whether it is right, and its confidence."""
    tracer = Tracer(phantom.images["CISS"])
    worker = SimulatedAnnotator(phantom.truth, tracer.planes, ByTracer(tracer), Habits(), seed)
    contours = {structure: worker.contours(structure) for structure in CONTOUR_STRUCTURES}
    worker.place_roots()
    proposals = ByTracer(tracer).proposals(worker.work, contours)
    for root, points in proposals.items():
        truth = phantom.truth.root_by_slice(root)
        for point in points:
            if point.position is not None and point.slice in truth:
                yield bool(np.linalg.norm(point.position - truth[point.slice]) <= 0.7), point.confidence


def _judged_contours(phantom: Phantom, seed: int) -> Iterator[tuple[bool, float]]:
    """Each proposed contour: whether it is right, and its confidence."""
    tracer = Tracer(phantom.images["CISS"])
    worker = SimulatedAnnotator(phantom.truth, tracer.planes, ByTracer(tracer), Habits(), seed)
    for structure in CONTOUR_STRUCTURES:
        truth = phantom.truth.contours_by_slice(structure)
        inner = {number: worker.inner_click(truth[number].points) for number in list(truth)[::10]}
        for each in tracer.propose_contours(structure, clicks=inner):
            if each.points is not None and each.slice in truth:
                yield contour_distance(truth[each.slice].curve(), each.points) <= 0.4, each.confidence


def _reliability(rows: np.ndarray) -> None:
    print(" confidence  root points  right")
    edges = (0.0, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99, 1.01)
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        chosen = (rows[:, 1] >= low) & (rows[:, 1] < high)
        if chosen.any():
            print(f" {low:.2f}-{min(high, 1):.2f} {chosen.sum():12d} {rows[chosen, 0].mean():8.3f}")


def cost() -> None:
    """Time and memory on a whole image of 960 x 960 x 80."""
    print("\nCOST (targets: next point 5 ms, contour 15 ms, subject 6 s and 600 MB above the image)")
    phantom = make_phantom(PhantomSettings(), 101)
    tracer = Tracer(phantom.images["CISS"])
    truth = phantom.truth
    print(f" next point of a root  {_per_call(lambda number: _next(tracer, truth, number)):6.1f} ms CPU, median, cold")
    print(f" contour from a click  {_per_call(lambda number: _one_contour(phantom, number)):6.1f} ms CPU, median, cold")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    clock, start = time.perf_counter(), time.process_time()
    fresh = Tracer(phantom.images["CISS"])
    worker = SimulatedAnnotator(truth, fresh.planes, ByTracer(fresh), Habits(only_ends=False), 1)
    contours = {structure: worker.contours(structure) for structure in CONTOUR_STRUCTURES}
    worker.place_roots()
    ByTracer(fresh).proposals(worker.work, contours)
    cpu, wall = time.process_time() - start, time.perf_counter() - clock
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f" whole subject         {cpu:6.1f} s CPU, {wall:.1f} s wall; peak memory grew by {grown:.0f} MB")


def _per_call(call: Callable[[int], None]) -> float:
    spent = []
    for number in range(52, 76):
        start = time.process_time()
        call(number)
        spent.append(time.process_time() - start)
    return 1e3 * float(np.median(spent))


def _next(tracer: Tracer, truth: Annotation, number: int) -> None:
    root = sorted(truth.roots)[-1]
    points = truth.root_by_slice(root)
    known = Annotation("01", planes=tracer.planes)
    known.roots[root] = np.array([points[before] for before in sorted(points) if before < number])
    tracer.propose_root_next(known, root, number)


def _one_contour(phantom: Phantom, number: int) -> None:
    tracer = Tracer(phantom.images["CISS"])
    middle = phantom.truth.contours_by_slice(DURA)[number].points.mean(axis=0)
    tracer.propose_contour(DURA, number, click=middle)


def main() -> None:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=("clicks", "accuracy", "certainty", "ends", "ganglia", "cost"))
    parser.add_argument("--cases", type=int, default=len(CASES) + 1, help="how many of the cases, from the last")
    parser.add_argument("--subjects", type=int, default=2, help="seeds for each row of the certainty table")
    options = parser.parse_args()
    cases = [*CASES, HELD_OUT][-options.cases :]
    tables: dict[str, Callable[[], None]] = {
        "clicks": lambda: clicks(cases),
        "accuracy": lambda: accuracy(cases),
        "ends": lambda: ends(cases),
        "ganglia": lambda: ganglia(cases),
        "certainty": lambda: certainty(options.subjects),
        "cost": cost,
    }
    for name, table in tables.items():
        if options.only is None or name in options.only:
            table()


if __name__ == "__main__":
    main()
