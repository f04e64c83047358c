"""Slicer's own script finds every text that a user reads."""

from __future__ import annotations

import ast
import re
import xml.etree.ElementTree as ElementTree

import pytest
from sources import check_files

from translations import ROOT, catalogue, drawn, found, meant, panels, python_files, write

SHOWN = {"text", "toolTip", "title", "placeholderText", "windowTitle", "suffix", "prefix", "helpText"}
SHOWING = {
    *("say", "setText", "setToolTip", "setTitle", "setWindowTitle", "showStatusMessage", "errorDisplay"),
    *("addItem", "addItems", "setHorizontalHeaderLabels", "QTableWidgetItem", "QListWidgetItem"),
}
A_LABEL = "me"  # of an annotator, a name in files
# Several words that nobody reads as a text of the panels: names of nodes and threads, kinds of VTK's, people, what is
# written into files.
NAMES = {
    *("Active contour", "Active point", "Annotated, slice", "SpineRoot colors", "SpineRoot cohort"),
    *("SpineRoot sub-", "SpineRoot discussion sub-", "SpineRoot model sub-", "SpineRoot phantom"),
    *("SpineRoot autosave", "cannot save", "line and points", "SpineRoot contributors"),
    *("Agreement between annotators", "Surfaces of dura, cord and nerve roots", "not visible"),
}
OF_TESTS = {
    "annotator_self_test.py",
    "intake_self_test.py",
    "modeler_self_test.py",
    "mouse_and_keys.py",
    "panel_self_test.py",
}


def name(path):
    return path.relative_to(ROOT).as_posix()


def in_domain(path):
    """Whether the command line, which is English, prints a file's texts as well: not every one is translated.

    The tracer's reasons are, since the panels show them; what its command says of a whole subject is not.
    """
    is_shown = "tracing" in path.parts and path.name != "subject.py"
    return "SpineRootLib" in path.parts and not is_shown


def of_tests(path):
    """Whether nobody but the self-tests' reader sees a file's texts."""
    return path.name in OF_TESTS


def is_text(node):
    """Whether a piece of code is a text in words, rather than a number, a name or nothing."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    words = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return any(character.isalpha() for character in "".join(words)) and words != [A_LABEL]


def parts(node):
    """What a text is chosen from or put together of: both branches of a choice, the elements of a list."""
    if isinstance(node, ast.IfExp):
        inner = [node.body, node.orelse]
    elif isinstance(node, ast.BinOp):
        inner = [node.left, node.right]
    elif isinstance(node, (ast.BoolOp, ast.List, ast.Tuple)):
        inner = node.values if isinstance(node, ast.BoolOp) else node.elts
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        inner = [node.func.value]
    else:
        return [node]
    return [part for each in inner for part in parts(each)]


def texts_of_several_words(path):
    """Texts of two words or more that are no docstrings, and neither translated nor told of progress: the panels have
    titles of their own for that."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    known = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            known.add(node.body[0].value)
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("_", "translate", "report")
        ):
            known |= set(ast.walk(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in known:
            is_layout = node.value.startswith("<")
            if re.search(r"[A-Za-z]{2,}[,.:;]? [A-Za-z]", node.value) and node.value not in NAMES and not is_layout:
                yield f"line {node.lineno}: {node.value}"


def untranslated(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Attribute) and target.attr in SHOWN for target in node.targets
        ):
            shown = [node.value]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SHOWING:
            shown = node.args[:1]
        else:
            continue
        inner = [part for each in shown for part in parts(each)]
        yield from (f"line {node.lineno}: {ast.unparse(each)}" for each in inner if is_text(each))


def test_every_text_is_found_by_slicers_script():
    differing = {name(path): (found(path), meant(path)) for path in python_files() if found(path) != meant(path)}
    assert differing == {}


def test_every_text_that_is_shown_is_translated():
    check_files(untranslated, python_files())


def test_every_text_of_several_words_is_translated_or_known_as_a_name():
    shown = [path for path in python_files() if not of_tests(path) and not in_domain(path)]
    check_files(texts_of_several_words, shown)


@pytest.mark.parametrize("path", panels(), ids=name)
def test_no_text_of_a_panel_is_marked_as_not_to_be_translated(path):
    kept = [node.text for node in ElementTree.parse(path).iter("string") if node.get("notr") and node.text]
    assert kept == []
    assert len(drawn(path)) > 20


def test_the_catalogue_can_be_written_and_read(tmp_path):
    texts = catalogue()
    write(texts, tmp_path / "SpineRoot_en-US.ts")
    read = ElementTree.parse(tmp_path / "SpineRoot_en-US.ts")
    assert [node.text for node in read.iter("source")] == [text for each in texts.values() for text in each]
    assert "SpineRoot Annotator" in texts["SpineRootAnnotator"]


def test_a_text_that_is_shown_as_it_is_is_found(tmp_path):
    (tmp_path / "panel.py").write_text('label.text = "Saved"\nsession.say(f"{n} points")\nlabel.text = ""\n')
    assert list(untranslated(tmp_path / "panel.py")) == ["line 1: 'Saved'", "line 2: f'{n} points'"]


@pytest.mark.parametrize(
    "line",
    [
        'label.text = _("Signed off") if done else "Not yet"',
        'label.toolTip = "nothing" if done else why',
        'session.say("{n} points".format(n=3))',
        'table.setHorizontalHeaderLabels([_("Slice"), "Finding"])',
        'selector.addItem("later", 3)',
        'table.setItem(0, 0, qt.QTableWidgetItem("none"))',
        'label.text = "Slice " + str(number)',
    ],
)
def test_a_text_that_hides_in_a_choice_or_a_list_is_found(tmp_path, line):
    (tmp_path / "panel.py").write_text(line + "\n")
    assert len(list(untranslated(tmp_path / "panel.py"))) == 1


@pytest.mark.parametrize("line", ['return [], "There is no image."', 'words = {1: f"{n} of them are open"}'])
def test_a_sentence_that_is_handed_on_is_found(tmp_path, line):
    (tmp_path / "session.py").write_text(f"def f(n):\n    {line}\n")
    assert len(list(texts_of_several_words(tmp_path / "session.py"))) == 1
