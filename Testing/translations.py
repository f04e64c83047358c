"""The catalogue of texts to translate, as Slicer's own ``update_translations.py`` finds them.

python Testing/translations.py FILE.ts

Slicer's script rewrites each ``_("...")`` to ``translate("package.module", "...")`` by a regular expression and has
Qt's lupdate read that. A text that the expression misses, or that is put together, is lost to translators.
"""

from __future__ import annotations

import ast
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = ("SpineRootAnnotator", "SpineRootModeler")
# What stands between `_(` and `)` for Slicer's script: one literal, or literals side by side.
_CALL = re.compile(r"(?<![_\w])_\((\s*(?:\".+?\"|'.+?')\s*)\)", re.DOTALL)

Catalogue = dict[str, list[str]]


def python_files() -> list[Path]:
    """The files of the modules, whose texts a user reads in Slicer."""
    return sorted(path for module in MODULES for path in (ROOT / module).rglob("*.py"))


def panels() -> list[Path]:
    """The panels drawn with Qt Designer; every ``string`` of theirs is translated."""
    return sorted(path for module in MODULES for path in (ROOT / module).rglob("*.ui"))


def context(path: Path) -> str:
    """The context that Slicer's script gives a file."""
    return f"{path.parent.name}.{path.stem}" if (path.parent / "__init__.py").exists() else path.stem


def meant(path: Path) -> list[str]:
    """The texts that a file gives to ``_``, as Python reads them."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    return sorted(
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "_" and isinstance(call.args[0], ast.Constant)
    )


def found(path: Path) -> list[str]:
    """The texts that Slicer's script finds in a file."""
    return sorted(ast.literal_eval(f"({text})") for text in _CALL.findall(path.read_text(encoding="utf-8")))


def drawn(path: Path) -> list[str]:
    """The texts of a panel drawn with Qt Designer."""
    return sorted({node.text for node in ElementTree.parse(path).iter("string") if node.text})


def catalogue() -> Catalogue:
    """All texts, by context."""
    texts: Catalogue = defaultdict(list)
    for path in python_files():
        texts[context(path)] += found(path)
    for path in panels():
        texts[ElementTree.parse(path).findtext("class") or path.stem] += drawn(path)
    return {name: sorted(set(each)) for name, each in sorted(texts.items()) if each}


def write(texts: Catalogue, path: Path) -> None:
    """Write a catalogue as Qt's translation source, with nothing translated yet."""
    root = ElementTree.Element("TS", version="2.1", language="en_US", sourcelanguage="en_US")
    for name, each in texts.items():
        place = ElementTree.SubElement(root, "context")
        ElementTree.SubElement(place, "name").text = name
        for text in each:
            message = ElementTree.SubElement(place, "message")
            ElementTree.SubElement(message, "source").text = text
            ElementTree.SubElement(message, "translation", type="unfinished")
    ElementTree.indent(root)
    path.write_bytes(b'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n' + ElementTree.tostring(root, "utf-8"))


def main() -> None:
    """Write the catalogue and say how many texts it holds."""
    texts = catalogue()
    write(texts, Path(sys.argv[1]))
    print(f"{sum(map(len, texts.values()))} texts of {len(texts)} contexts: {sys.argv[1]}")


if __name__ == "__main__":
    main()
