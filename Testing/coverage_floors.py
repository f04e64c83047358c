"""Coverage by the tests, floor by floor, against the least that each floor must have: part of `make coverage`.

python Testing/coverage_floors.py [FILE]

Lines that ran are counted (not branches), in the data that ``pytest --cov`` left in FILE, by default ``.coverage``. The
panels are not counted: what runs them is the self-tests in Slicer.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from coverage import Coverage

ROOT = Path(__file__).resolve().parents[1]
LISTED = 8  # files with the most lines that no test runs, named for whoever looks for where to add one


@dataclass(frozen=True)
class Floor:
    """A package, and the share of its lines, in per cent, that the tests must run."""

    package: str
    least: float


FLOORS = (
    Floor("SpineRootAnnotator/SpineRootLib", 95.0),
    Floor("SpineRootAnnotator/SpineRootScene", 90.0),
    Floor("SpineRootAnnotator/SpineRootAnnotatorLib", 90.0),
    Floor("SpineRootModeler/SpineRootModelerLib", 90.0),
)


@dataclass(frozen=True)
class Counted:
    """The lines of a file that can run, and those of them that did not."""

    path: Path
    lines: int
    missed: int


def count(data: Coverage, package: Path) -> list[Counted]:
    """Every file of a package, also those that no test imports; a file without statements has no lines."""
    files = []
    for path in sorted(package.rglob("*.py")):
        _, lines, _, missed, _ = data.analysis2(str(path))
        files.append(Counted(path, len(lines), len(missed)))
    return files


def share(files: Iterable[Counted]) -> float:
    """The lines that ran, in per cent; 0 for no lines, so that a package that moved away is noticed."""
    files = list(files)
    lines = sum(each.lines for each in files)
    return 100.0 * (lines - sum(each.missed for each in files)) / lines if lines else 0.0


def report(data: Coverage, root: Path = ROOT, floors: Iterable[Floor] = FLOORS) -> bool:
    """Print each floor's coverage and the files that lack most; whether all floors have what they must."""
    enough, everything = True, []
    for floor in floors:
        files = count(data, root / floor.package)
        everything += files
        reached = share(files)
        enough = enough and reached >= floor.least
        verdict = "ok  " if reached >= floor.least else "FAIL"
        print(f"{verdict} {floor.package}: {reached:.1f} % of {sum(each.lines for each in files)} lines", end="")
        print(f" (at least {floor.least:.0f} %)")
    for each in sorted(everything, key=lambda each: -each.missed)[:LISTED]:
        print(f"       {each.missed:3d} lines not run: {each.path.relative_to(root).as_posix()}")
    return enough


def main() -> int:
    """Print the report; the exit status is 1 if a floor falls short, 2 if no test was watched."""
    path = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / ".coverage")
    if not path.is_file():
        print(f"{path}: there is no coverage here; make coverage measures it", file=sys.stderr)
        return 2
    data = Coverage(data_file=str(path), config_file=str(ROOT / "pyproject.toml"))
    data.load()
    return 0 if report(data) else 1


if __name__ == "__main__":
    sys.exit(main())
