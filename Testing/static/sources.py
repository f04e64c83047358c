"""The project's Python files as syntax trees, by the floor that they stand on."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = tuple(path.parent for path in sorted(ROOT.glob("SpineRoot*/SpineRoot*.py")) if path.stem == path.parent.name)


def domain_files() -> list[Path]:
    """The files of `SpineRootLib`."""
    return sorted((ROOT / "SpineRootAnnotator" / "SpineRootLib").rglob("*.py"))


def session_files() -> list[Path]:
    """The files that work on the scene without Qt."""
    folders = [*(module / f"{module.name}Lib" for module in MODULES), ROOT / "SpineRootAnnotator" / "SpineRootScene"]
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def scene_files() -> list[Path]:
    """The files of the MRML toolkit that both sessions use."""
    return sorted((ROOT / "SpineRootAnnotator" / "SpineRootScene").rglob("*.py"))


def work_files() -> list[Path]:
    """The bookkeeping of both sessions, which needs no Slicer."""
    folders = [module / f"{module.name}Lib" / "work" for module in MODULES]
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def widget_files() -> list[Path]:
    """The files that may use Qt: each module's own and those beside it."""
    below = {*domain_files(), *session_files()}
    return sorted(path for module in MODULES for path in module.rglob("*.py") if path not in below)


def relative(path: Path) -> str:
    """A file's name for a test's report."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(path: Path, file_scope: bool = False) -> Iterator[tuple[str, int]]:
    """The top-level package and the line of every import; those for type checkers are left out."""
    nodes = _running(tree(path), file_scope)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0], node.lineno


def _running(node: ast.AST, file_scope: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if file_scope and isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        yield child
        yield from _running(child, file_scope)
