"""All that the panels can say, to be read through: what is translated, and the panels drawn.

python Testing/sentences.py [PART]

With PART only files whose path has it, such as ``Annotator`` or ``tracing``. A sentence that is put together from parts
is listed in its parts.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from translations import MODULES, ROOT, drawn, meant, panels


def sentences(part: str = "") -> Iterator[tuple[str, str]]:
    """The file and each text that is shown from it, in the order of the files."""
    for path in sorted(path for module in MODULES for path in (ROOT / module).rglob("*.py")):
        name = str(path.relative_to(ROOT))
        if part in name and "commands" not in path.parts:
            yield from ((name, text) for text in sorted(set(meant(path))))
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
