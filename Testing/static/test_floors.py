"""The three floors of the house: a file imports what its floor may, and nothing from above."""

from __future__ import annotations

import ast
import sys

import pytest
from sources import (
    ROOT,
    check_files,
    domain_files,
    imported,
    scene_files,
    session_files,
    tree,
    widget_files,
    work_files,
)

BUNDLED = {"numpy", "scipy", "vtk", "vtkmodules", "SimpleITK"}
SCREEN = {"qt", "ctk", "slicer", "PythonQt"}
UPPER = {
    "SpineRootAnnotator",
    "SpineRootAnnotatorWidgets",
    "SpineRootAnnotatorLib",
    "SpineRootModeler",
    "SpineRootModelerLib",
    "SpineRootScene",
}


def test_there_are_files_on_every_floor():
    assert len(domain_files()) > 20
    assert session_files()
    assert {path.name for path in widget_files()} >= {"SpineRootAnnotator.py", "SpineRootModeler.py"}


def importing(names):
    """What finds the imports of certain packages in a file, with their lines."""
    return lambda path: [found for found in imported(path) if found[0] in names]


def test_the_domain_knows_no_screen_and_no_session():
    check_files(importing(SCREEN | UPPER), domain_files())


def test_the_domain_is_imported_with_what_slicer_bundles():
    allowed = BUNDLED | {"SpineRootLib"} | sys.stdlib_module_names

    def others(path):
        return [found for found in imported(path, file_scope=True) if found[0] not in allowed]

    check_files(others, domain_files())


def test_the_domain_never_prints():
    def prints(path):
        calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
        return [node.lineno for node in calls if isinstance(node.func, ast.Name) and node.func.id == "print"]

    check_files(prints, [path for path in domain_files() if path.parent.name != "commands"])


def test_a_session_knows_no_qt_and_no_widget():
    widgets = {"qt", "ctk", "PythonQt", "SpineRootAnnotator", "SpineRootAnnotatorWidgets", "SpineRootModeler"}
    check_files(importing(widgets), session_files())


def test_the_toolkit_of_both_modules_knows_neither_of_them():
    check_files(importing({"SpineRootAnnotatorLib", "SpineRootModelerLib"}), scene_files())


def test_the_bookkeeping_needs_no_slicer():
    check_files(importing(SCREEN | {"vtk", "vtkmodules", "SpineRootScene"}), work_files())


def test_the_modelers_session_knows_nothing_of_the_annotators():
    modelers = [path for path in session_files() if "SpineRootModelerLib" in path.parts]
    check_files(importing({"SpineRootAnnotatorLib"}), modelers)


def test_an_import_from_above_is_found_with_its_line(tmp_path):
    (tmp_path / "low.py").write_text("import math\n\ndef f():\n    import slicer.util\n")
    assert importing(SCREEN)(tmp_path / "low.py") == [("slicer", 4)]


def test_a_file_that_breaks_a_rule_is_named_with_what_is_wrong():
    with pytest.raises(AssertionError, match=r"Testing/static/test_floors.py: 3\n.*Testing/static/sources.py: 3"):
        check_files(lambda _path: [3], [ROOT / "Testing/static/test_floors.py", ROOT / "Testing/static/sources.py"])
