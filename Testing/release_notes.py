"""What a release says of itself: the part of CHANGELOG.md that is about its version.

python Testing/release_notes.py v0.1.0 > notes.md

The version must be the one of `SpineRootLib`, and the changelog must have a part with text about it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSION_FILE = "SpineRootAnnotator/SpineRootLib/__init__.py"


def version(root: Path) -> str:
    """The version of the package, read without importing it."""
    text = (root / VERSION_FILE).read_text(encoding="utf-8")
    return re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)[1]


def release_notes(root: Path, tag: str) -> str:
    """The changelog's part about a tag, without its heading.

    Raises
    ------
    ValueError
        with one sentence, if the tag is not of the package's version or the changelog says nothing about it.
    """
    number = version(root)
    if tag != f"v{number}":
        raise ValueError(f"the tag {tag} is not v{number}, the version in {VERSION_FILE}")
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(number)}(?![\w.])[^\n]*\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    if found is None or not found[1].strip():
        raise ValueError(f"CHANGELOG.md says nothing about {number}")
    return found[1].strip() + "\n"


def main(arguments: list[str]) -> int:
    """Print the notes; the exit status is 1 where there are none."""
    try:
        print(release_notes(ROOT, arguments[0]), end="")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
