"""The three floors of the house: a file imports what its floor may, and nothing from above."""

from __future__ import annotations

import ast
import sys

import pytest
from sources import domain_files, imported, relative, scene_files, session_files, tree, widget_files, work_files

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


@pytest.mark.parametrize("path", domain_files(), ids=relative)
def test_the_domain_knows_no_screen_and_no_session(path):
    assert [found for found in imported(path) if found[0] in SCREEN | UPPER] == []


@pytest.mark.parametrize("path", domain_files(), ids=relative)
def test_the_domain_is_imported_with_what_slicer_bundles(path):
    allowed = BUNDLED | {"SpineRootLib"} | sys.stdlib_module_names
    assert [found for found in imported(path, file_scope=True) if found[0] not in allowed] == []


@pytest.mark.parametrize("path", [path for path in domain_files() if path.parent.name != "commands"], ids=relative)
def test_the_domain_never_prints(path):
    calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    assert [node.lineno for node in calls if isinstance(node.func, ast.Name) and node.func.id == "print"] == []


@pytest.mark.parametrize("path", session_files(), ids=relative)
def test_a_session_knows_no_qt_and_no_widget(path):
    widgets = {"qt", "ctk", "PythonQt", "SpineRootAnnotator", "SpineRootAnnotatorWidgets", "SpineRootModeler"}
    assert [found for found in imported(path) if found[0] in widgets] == []


@pytest.mark.parametrize("path", scene_files(), ids=relative)
def test_the_toolkit_of_both_modules_knows_neither_of_them(path):
    sessions = {"SpineRootAnnotatorLib", "SpineRootModelerLib"}
    assert [found for found in imported(path) if found[0] in sessions] == []


@pytest.mark.parametrize("path", work_files(), ids=relative)
def test_the_bookkeeping_needs_no_slicer(path):
    assert [found for found in imported(path) if found[0] in SCREEN | {"vtk", "vtkmodules", "SpineRootScene"}] == []


@pytest.mark.parametrize(
    "path", [path for path in session_files() if "SpineRootModelerLib" in path.parts], ids=relative
)
def test_the_modelers_session_knows_nothing_of_the_annotators(path):
    assert [found for found in imported(path) if found[0] == "SpineRootAnnotatorLib"] == []
