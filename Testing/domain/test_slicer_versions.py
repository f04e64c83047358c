"""The extension uses nothing that one of the supported versions of Slicer does not have."""

from __future__ import annotations

import pytest

from slicer_versions import GONE, GUARDED, ROOT, Guarded, sources, unguarded, uses


@pytest.mark.parametrize("api", GONE, ids=lambda api: api.pattern)
def test_what_a_version_no_longer_has_is_not_used(api):
    found = [f"{path.relative_to(ROOT)}:{line}" for path in sources() for line in uses(path, api.pattern)]
    assert not found, f"not in {api.since}; instead: {api.instead}"


@pytest.mark.parametrize("api", GUARDED, ids=lambda api: api.pattern)
def test_what_a_version_does_not_have_yet_is_guarded(api):
    found = [f"{path.relative_to(ROOT)}:{line}" for path in sources() for line in unguarded(path, api)]
    assert not found, f"only since {api.since}"


def test_the_modules_the_panels_and_the_scripts_for_slicer_are_looked_at():
    names = {path.relative_to(ROOT).as_posix() for path in sources()}
    assert {
        "SpineRootAnnotator/SpineRootAnnotator.py",
        "SpineRootAnnotator/Resources/UI/SpineRootAnnotator.ui",
        "SpineRootAnnotator/SpineRootAnnotatorWidgets/sample.py",
        "SpineRootModeler/SpineRootModelerLib/session.py",
        "Testing/in_slicer/self_tests.py",
    } <= names


def test_the_one_api_of_5_12_is_found_where_it_is_used():
    assert any(list(uses(path, r"\.registerCustomSampleDataCategory\(")) for path in sources())


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("layout.setMargin(3)", "Qt 6"),
        ('box.connect("currentIndexChanged(QString)", react)', "Qt 6"),
        ("node.AddFiducial(1, 2, 3)", "Slicer 6"),
        ("node.GetNumberOfFiducials()", "Slicer 6"),
        ("dialog.exec_()", "Slicer 6"),
    ],
)
def test_a_use_of_what_is_gone_is_found(tmp_path, line, fault):
    (tmp_path / "panel.py").write_text(f"{line}\n")
    assert fault in {api.since for api in GONE if list(uses(tmp_path / "panel.py", api.pattern))}


def test_a_use_without_a_guard_is_found(tmp_path):
    api = Guarded(r"\.brand_new\(", "6", r'hasattr\(logic, "brand_new"\)')
    panel = tmp_path / "panel.py"
    panel.write_text("logic.brand_new()\n")
    assert unguarded(panel, api) == [1]
    panel.write_text('if hasattr(logic, "brand_new"):\n    logic.brand_new()\n')
    assert unguarded(panel, api) == []
