"""Each floor's coverage is counted over all of its files and held against its least."""

from __future__ import annotations

from pathlib import Path

import pytest
from coverage import Coverage

from coverage_floors import FLOORS, ROOT, Floor, count, report, share

TEN_LINES = "def half(x):\n    if x > 10:\n" + "".join(f"        x -= {n}\n" for n in range(7)) + "    return x / 2\n"


@pytest.fixture
def watched(tmp_path: Path) -> Coverage:
    """What a run of a package of two files covers, of which one is never imported."""
    package = tmp_path / "package"
    package.mkdir()
    (package / "used.py").write_text(TEN_LINES + "half(1)\n")
    (package / "unused.py").write_text("a = 1\nb = 2\n")
    data = Coverage(data_file=None, source=[str(package)], config_file=False)
    data.get_data().add_lines({str(package / "used.py"): [1, 2, 10, 11]})  # as half(1) runs it
    return data


def test_lines_that_ran_are_counted_and_files_that_nobody_imports_as_well(watched, tmp_path):
    assert [(each.path.name, each.lines, each.missed) for each in count(watched, tmp_path / "package")] == [
        ("unused.py", 2, 2),
        ("used.py", 11, 7),
    ]


def test_a_floor_that_falls_short_is_said_and_fails(watched, tmp_path, capsys):
    assert not report(watched, tmp_path, [Floor("package", 31.0)])  # 4 of 13 lines: 30.8 %
    assert "FAIL package: 30.8 % of 13 lines" in capsys.readouterr().out
    assert report(watched, tmp_path, [Floor("package", 30.5)])
    assert "7 lines not run: package/used.py" in capsys.readouterr().out


def test_a_package_that_is_gone_is_not_covered(watched, tmp_path):
    assert share(count(watched, tmp_path / "moved")) == 0.0
    assert not report(watched, tmp_path, [Floor("moved", 90.0)])


def test_the_floors_are_the_domain_and_both_sessions():
    assert {floor.package: floor.least for floor in FLOORS} == {
        "SpineRootAnnotator/SpineRootLib": 95.0,
        "SpineRootAnnotator/SpineRootScene": 90.0,
        "SpineRootAnnotator/SpineRootAnnotatorLib": 90.0,
        "SpineRootModeler/SpineRootModelerLib": 90.0,
    }
    assert all((ROOT / floor.package / "__init__.py").is_file() for floor in FLOORS)
