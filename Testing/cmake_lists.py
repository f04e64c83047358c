"""Writes into each module's CMakeLists.txt which files it ships: those that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = ("SpineRootAnnotator", "SpineRootModeler")


def scripts(module: Path) -> list[str]:
    """The Python files of the module's packages, relative to it, without its own file and what drives the tests."""
    skipped = {"__pycache__", "Testing"}
    found = [
        path
        for path in module.rglob("*.py")
        if path.parent != module and not skipped & set(path.relative_to(module).parts)
    ]
    return sorted(path.relative_to(module).as_posix() for path in found)


def resources(module: Path) -> list[str]:
    """Everything under ``Resources``, of the module and of its packages."""
    folders = [module / "Resources", *module.glob("*/Resources")]
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return sorted(path.relative_to(module).as_posix() for path in found)


def listed(text: str, variable: str) -> list[str]:
    """The files that a CMakeLists.txt sets a variable to."""
    match = re.search(rf"set\({variable}\n(.*?)\n\s*\)", text, re.DOTALL)
    return [] if match is None else match[1].split()


def updated(text: str, module: Path) -> str:
    """The text of a CMakeLists.txt with the lists as they should be."""
    lists = {
        "MODULE_PYTHON_SCRIPTS": ["${MODULE_NAME}.py", *scripts(module)],
        "MODULE_PYTHON_RESOURCES": resources(module),
    }
    for variable, files in lists.items():
        block = f"set({variable}\n" + "".join(f"  {name}\n" for name in files) + "  )"
        text = re.sub(rf"set\({variable}\n.*?\n\s*\)", lambda _match, block=block: block, text, flags=re.DOTALL)
    return text


def main() -> None:
    """Rewrite the lists of both modules."""
    for name in MODULES:
        path = ROOT / name / "CMakeLists.txt"
        path.write_text(updated(path.read_text(encoding="utf-8"), ROOT / name), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
