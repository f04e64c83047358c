"""How often the tracer asks whether the image is another subject's: on its own, on another's, on a mirrored one.

    python Testing/measure/another_subject.py [--subjects 100] [--first 1000] [--marks whole roots]

Phantoms of half the length, most as crowded as a person, a quarter hard in one of the ways of the challenges, some with
roots apart, noise or little contrast. Their marks lie on every tenth slice. No question on the own image is wanted (0
false alarms), and one on at least 95 % of the others.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "SpineRootAnnotator"), str(ROOT / "Testing" / "benchmark")]

from cases import EVERY_10, sparse  # noqa: E402
from clicks import mirrored  # noqa: E402

from SpineRootLib.annotation import Annotation  # noqa: E402
from SpineRootLib.images import Image  # noqa: E402
from SpineRootLib.phantom import CHALLENGES, PhantomSettings, make_truth  # noqa: E402
from SpineRootLib.phantom.ciss import make_ciss  # noqa: E402
from SpineRootLib.phantom.sac_contents import sac_contents  # noqa: E402
from SpineRootLib.tracing import Tracer  # noqa: E402

# Of each hundred subjects so many are hard, have roots that stand apart, or are noisy or of little contrast.
_HARD, _APART, _POOR = 24, 8, 8


def kinds() -> list[tuple[str, PhantomSettings]]:
    """A hundred settings with what each is, in an order that mixes them."""
    plain = PhantomSettings.small()
    found = [(name, change(plain)) for name, change in [*CHALLENGES.items()] * (_HARD // len(CHALLENGES))]
    found += [("apart", plain.with_crowding(value)) for value in np.linspace(0.0, 0.7, _APART)]
    for noise, contrast in [(0.03, 4.4), (0.06, 4.4), (0.006, 2.8), (0.006, 2.2)] * (_POOR // 4):
        found.append(("poor", replace(plain, image=replace(plain.image, noise=noise, csf_to_root=contrast))))
    found += [("plain", plain)] * (100 - len(found))
    return [found[index] for index in np.random.default_rng(0).permutation(len(found))]


def subjects(count: int, first: int) -> Iterator[tuple[str, Image, Annotation]]:
    """Kind, CISS image and sparse marks of so many phantoms."""
    every = kinds()
    for seed in range(first, first + count):
        kind, settings = every[(seed - first) % len(every)]
        truth = make_truth(settings, seed)
        image = make_ciss(truth, sac_contents(truth.spine, settings.distractors, seed), settings.image, seed)
        yield kind, image, sparse(truth.annotation, EVERY_10, seed, "A")


def without_contours(marks: Annotation) -> Annotation:
    """The marks of the roots alone."""
    return replace(marks, contours={structure: [] for structure in marks.contours})


def on_image(marks: Annotation, image: Image) -> Annotation:
    """Marks where they lie in space, on the slices of another image."""
    planes = image.planes()
    found = Annotation(marks.subject, marks.annotator, planes, segments=marks.segments)
    for root, points in marks.roots.items():
        for point, number in zip(points, planes.number(points), strict=True):
            if 1 <= number <= planes.count:
                found.set_root_point(root, int(number), planes.lift(planes.flatten(point), int(number))[0])
    for structure, contours in marks.contours.items():
        for contour in contours:
            number = planes.number_of_contour(contour.points)
            if 1 <= number <= planes.count:
                found.set_contour(structure, number, planes.lift(planes.flatten(contour.points), number))
    return found


def table(asked: Counter[tuple[str, str, str]], tried: Counter[tuple[str, str, str]]) -> str:
    """How often it was asked, by kind of marks and of subject."""
    lines = ["| marks | subject | asked on the own image | on another's | on the mirrored one |", "|" + " --- |" * 5]
    for name, group in sorted({key[:2] for key in tried}, key=lambda key: (key[0] != "whole", key[1] != "all", key[1])):
        cells = [f"{asked[name, group, w]} of {tried[name, group, w]}" for w in ("own", "another", "mirrored")]
        lines.append("| " + " | ".join([name, group, *cells]) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print what is asked, by kind of marks and kind of subject."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, default=100)
    parser.add_argument("--first", type=int, default=1000, help="seed of the first")
    parser.add_argument("--marks", nargs="+", choices=("whole", "roots"), default=("whole", "roots"))
    parser.add_argument("--out", type=Path, help="a file for the table")
    options = parser.parse_args()
    asked: Counter[tuple[str, str, str]] = Counter()
    tried: Counter[tuple[str, str, str]] = Counter()
    before: Annotation | None = None
    for number, (kind, image, marks) in enumerate(subjects(options.subjects, options.first)):
        own, turned = Tracer(image), Tracer(mirrored(image))
        for name in options.marks:
            mine = marks if name == "whole" else without_contours(marks)
            answers = {"own": own.misfit(mine), "mirrored": turned.misfit(mine)}
            if before is not None:
                other = on_image(before if name == "whole" else without_contours(before), image)
                answers["another"] = own.misfit(other)
            for what, answer in answers.items():
                for group in (kind, "all"):
                    tried[name, group, what] += 1
                    asked[name, group, what] += bool(answer)
                if bool(answer) == (what == "own"):
                    print(f"  {options.first + number} {kind}, {name}, {what}: {answer or 'not asked'}", flush=True)
        before = marks
        if options.out is not None:
            options.out.write_text(table(asked, tried), encoding="utf-8")
    print(table(asked, tried))


if __name__ == "__main__":
    main()
