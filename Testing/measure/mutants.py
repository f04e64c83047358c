"""Changes the code where work could be lost or mistaken, one place at a time: do the tests notice?

    python Testing/measure/mutants.py [--each 14] [--seed 1] [--only folder_lock.py ...]

makes so many mutants of each file in a copy of the project, runs the file's tests on each, and prints the survivors. A
test that does not end counts as one that notices.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_WORK, _LIB = "SpineRootAnnotator/SpineRootAnnotatorLib/work/", "SpineRootAnnotator/SpineRootLib/"
# The files, each with the tests that ought to notice.
FILES: dict[str, tuple[str, ...]] = {
    _WORK + "folder_lock.py": ("work/test_folder_lock.py",),
    _WORK + "lock_holder.py": ("work/test_folder_lock.py",),
    _WORK + "autosave.py": ("work/test_autosave_faults.py", "work/test_files.py"),
    _WORK + "file_stamps.py": ("work/test_files.py",),
    _WORK + "foreign_fields.py": ("work/test_foreign_fields.py",),
    _LIB + "agreement/distances.py": ("domain/test_agreement.py",),
    _LIB + "image_identity.py": ("domain/test_image_identity.py",),
    _LIB + "dicom_import/identity.py": ("domain/test_identity.py",),
    _LIB + "tracing/consistency.py": ("domain/test_tracing_consistency.py", "domain/test_tracing_bad_input.py"),
    _LIB + "markups.py": ("domain/test_markups.py", "domain/test_annotation_files.py", "domain/test_annex_content.py"),
}
# A run of the tests hangs, in seconds, where nothing is changed; and on a mutant, in times of the run before.
_HANGS_S, _HANGS_TIMES = 600.0, 5.0
_OTHER = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
}  # fmt: skip


# The kinds of nodes that are changed.
_CHANGED = (ast.Compare, ast.BoolOp, ast.BinOp, ast.Constant, ast.If, ast.While, ast.IfExp, ast.Expr)


@dataclass(frozen=True)
class Mutant:
    """One change: where, what, and the whole file with it."""

    line: int
    what: str
    text: str


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a file: operators exchanged, conditions turned, numbers and truths changed, calls left out."""
    tree = ast.parse(source)
    skipped = _annotations(tree)
    for index, original in enumerate(ast.walk(tree)):
        if index in skipped or not isinstance(original, _CHANGED):
            continue
        for variant in range(2):
            changed = copy.deepcopy(tree)
            node = list(ast.walk(changed))[index]
            before = ast.unparse(node) if isinstance(node, ast.expr | ast.stmt) else ""
            if _mutate(changed, node, variant):
                yield Mutant(node.lineno, f"{before.splitlines()[0]}  ->  {_said(node)}", ast.unparse(changed))


def _said(node: ast.AST) -> str:
    return getattr(node, "said", "") or ast.unparse(node).splitlines()[0]


def _annotations(tree: ast.AST) -> set[int]:
    """The numbers of the nodes that say a type or that a class is frozen: nothing comes of them."""
    every = list(ast.walk(tree))
    number = {id(node): index for index, node in enumerate(every)}
    told = [getattr(node, field) for node in every for field in ("annotation", "returns") if getattr(node, field, None)]
    told += [each for node in every if isinstance(node, ast.ClassDef) for each in node.decorator_list]
    return {number[id(part)] for node in told for part in ast.walk(node)}


def _mutate(tree: ast.AST, node: ast.AST, variant: int) -> bool:
    """Change a node; False where there is nothing to change in it."""
    if isinstance(node, ast.Compare) and variant < len(node.ops):
        return _exchange(node.ops, variant)
    if variant:
        return False
    if isinstance(node, ast.BoolOp | ast.BinOp) and type(node.op) in _OTHER:
        node.op = _OTHER[type(node.op)]()
        return True
    if isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float):
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1
        return True
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        node.test = ast.UnaryOp(ast.Not(), node.test)
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return _leave_out(tree, node)
    return False


def _exchange(operators: list[ast.cmpop], index: int) -> bool:
    other = _OTHER.get(type(operators[index]))
    if other is not None:
        operators[index] = other()
    return other is not None


def _leave_out(tree: ast.AST, node: ast.stmt) -> bool:
    for owner in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            body = getattr(owner, field, None)
            if isinstance(body, list) and node in body:
                body[body.index(node)] = ast.copy_location(ast.Pass(), node)
                node.said = "pass"
                return True
    return False


def survives(project: Path, tests: tuple[str, ...], hangs_s: float = _HANGS_S) -> bool:
    """Whether the tests pass; in a copy of this process, which has loaded the large libraries."""
    child = os.fork()
    if not child:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        os.setpgid(0, 0)
        import pytest

        os.chdir(project)
        paths = [f"Testing/{test}" for test in tests]
        os._exit(int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *paths])))
    deadline = time.monotonic() + hangs_s
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status == 0
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=14)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[], help="names of files")
    options = parser.parse_args()
    # a mutant that asks whether this process runs (signal 0) may hang it up instead (signal 1)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    made = killed = 0
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        for name in ("SpineRootAnnotator", "SpineRootModeler", "Testing", "pyproject.toml"):
            copied = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
            project.mkdir(exist_ok=True)
            copied(ROOT / name, project / name)
        os.environ["PYTHONPATH"] = os.pathsep.join(str(project / name) for name in ("SpineRootAnnotator", "Testing"))
        for name, tests in FILES.items():
            if options.only and Path(name).name not in options.only:
                continue
            survivors, tried = _of_file(project, name, tests, options.each, options.seed)
            made, killed = made + tried, killed + tried - len(survivors)
            print(f"{name}: {tried - len(survivors)} of {tried} noticed", flush=True)
            for mutant in survivors:
                print(f"    line {mutant.line}: {mutant.what}", flush=True)
    print(f"{made} mutants, {100.0 * killed / max(made, 1):.1f} % noticed")
    return 0


def _of_file(project: Path, name: str, tests: tuple[str, ...], each: int, seed: int) -> tuple[list[Mutant], int]:
    """The survivors of a file's mutants, and how many were tried."""
    path = project / name
    source = path.read_text(encoding="utf-8")
    begun = time.monotonic()
    if not survives(project, tests):
        raise SystemExit(f"{name}: its tests fail as it is")
    hangs_s = _HANGS_TIMES * (time.monotonic() - begun)
    every = list(mutants(source))
    chosen = random.Random(seed).sample(every, min(each, len(every)))
    survivors = []
    for mutant in sorted(chosen, key=lambda each: each.line):
        path.write_text(mutant.text, encoding="utf-8")
        if survives(project, tests, hangs_s):
            survivors.append(mutant)
    path.write_text(source, encoding="utf-8")
    return survivors, len(chosen)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    import numpy  # noqa: F401
    import pytest  # noqa: F401
    import scipy.spatial  # noqa: F401
    import SimpleITK  # noqa: F401
    import vtk  # noqa: F401

    sys.exit(main())
