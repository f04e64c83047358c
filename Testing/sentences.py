"""All that the panels can say, to be read through: what is translated, the panels drawn, and the tracer's reasons.

python Testing/sentences.py [PART]

With PART only files whose path has it, such as ``Annotator`` or ``tracing``. A sentence that is put together from parts
is listed in its parts.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from translations import MODULES, ROOT, drawn, meant, panels

# The tracer is no part of the panels and is not translated yet, but its reasons are shown.
_REASONS = ROOT / "SpineRootAnnotator" / "SpineRootLib" / "tracing"


def reasons(path: Path) -> list[str]:
    """Texts of several words in a file of the tracer, without its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return sorted({node.value for node in texts if id(node) not in documented and node.value.count(" ") > 2})


def sentences(part: str = "") -> Iterator[tuple[str, str]]:
    """The file and each text that is shown from it, in the order of the files."""
    for path in sorted(path for module in MODULES for path in (ROOT / module).rglob("*.py")):
        name = str(path.relative_to(ROOT))
        if part in name and "commands" not in path.parts:
            shown = {*meant(path), *(reasons(path) if path.is_relative_to(_REASONS) else ())}
            yield from ((name, text) for text in sorted(shown))
    for path in panels():
        name = str(path.relative_to(ROOT))
        if part in name:
            yield from ((name, text) for text in drawn(path))


def main() -> None:
    """Print them, a heading a file."""
    last = ""
    for name, text in sentences(sys.argv[1] if len(sys.argv) > 1 else ""):
        if name != last:
            print(f"\n{name}")
            last = name
        print(f"  {text}")


if __name__ == "__main__":
    main()
