"""Checks what the Extensions Index and its reviewers look for, without a network: `python Testing/index_entry.py`.

``python Testing/index_entry.py --move https://github.com/OWNER/SlicerSpineRoot`` changes the repository's address
wherever it stands: the index reads the addresses of icon and screenshots as they are written in CMakeLists.txt, so that
they cannot be put together from one variable there.

The checks are those of the index's ``check_description_files.py`` and of tiers 1 and 3 in its pull request template
(August 2026, commit 07f1d1b). What can only be asked of the published repository is left to it: the topic
``3d-slicer-extension``, and that the URLs download.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
NAME = "SpineRoot"
LARGEST_REPOSITORY_MB = 100  # of the index
LARGEST_PICTURE_KB = 300  # of this project: a README that loads at once
RAW = "https://raw.githubusercontent.com/"
SCHEMA = (
    "https://raw.githubusercontent.com/Slicer/Slicer/main/Schemas/slicer-extension-catalog-entry-schema-v1.0.2.json#"
)
# Keys of that schema; the first three are required.
KEYS = {
    "$schema": str,
    "category": str,
    "scm_url": str,
    "scm_revision": str,
    "scm_type": str,
    "build_dependencies": list,
    "build_subdirectory": str,
    "dicom_support_rule": str,
    "enabled": bool,
    "tier": int,
}
REQUIRED = ("$schema", "category", "scm_url")
README_PARTS = ("Modules", "Install", "Tutorial", "Sample data", "File formats", "How to cite", "Licence")

# the files in which the repository's address stands
ADDRESSED = (
    *(f"{NAME}.json", "CMakeLists.txt", "README.md", "CONTRIBUTING.md", "CITATION.cff", "pyproject.toml"),
    *(".github/ISSUE_TEMPLATE/config.yml", "Packaging/boutiques.json", "Packaging/conda/meta.yaml"),
    *("mkdocs.yml", "Documentation/troubleshooting.md"),
    *(f"{NAME}{module}/{NAME}{module}.py" for module in ("Annotator", "Modeler")),
)

Faults = Iterator[str]


def entry(root: Path) -> dict[str, object]:
    """What the index would hold of the extension."""
    return json.loads((root / f"{NAME}.json").read_text(encoding="utf-8"))


def variable(root: Path, name: str) -> str:
    """A string that CMakeLists.txt sets, found the way the index finds it: on one line, in quotes; empty if not."""
    match = re.search(rf'set\s*\({name}\s*"([^"\n]+)"[ ]*\)', (root / "CMakeLists.txt").read_text(encoding="utf-8"))
    return "" if match is None else match[1].strip()


def check_schema(root: Path) -> Faults:
    """The entry's keys and types are those of the schema that it names."""
    found = entry(root)
    if found.get("$schema") != SCHEMA:
        yield f"the schema is not {SCHEMA}"
    yield from (f"{key} is missing" for key in REQUIRED if not found.get(key))
    yield from (f"{key} is not a key of the schema" for key in found if key not in KEYS)
    yield from (
        f"{key} is not a {KEYS[key].__name__}" for key in KEYS if type(found.get(key, KEYS[key]())) is not KEYS[key]
    )
    if found.get("tier") not in (1, 2, 3, 4, 5):
        yield "the tier is not one of 1 to 5"


def check_line_ends(root: Path) -> Faults:
    """Lines end in LF."""
    for name in (f"{NAME}.json", "CMakeLists.txt", "README.md", "LICENSE"):
        if b"\r" in (root / name).read_bytes():
            yield f"{name} has line ends other than LF"


def check_names(root: Path) -> Faults:
    """The project is named like the entry, the repository like ``Slicer`` and the extension."""
    project = re.search(r"project\s*\(\s*([^\s)]+)", (root / "CMakeLists.txt").read_text(encoding="utf-8"))
    if project is None or project[1].strip("\"'") != NAME:
        yield f"CMakeLists.txt has no project({NAME})"
    url = urlsplit(str(entry(root)["scm_url"]))
    if url.scheme not in ("https", "git"):
        yield f"scm_url begins with {url.scheme}://, not with https://"
    if PurePosixPath(url.path).name.removesuffix(".git") != f"Slicer{NAME}":
        yield f"the repository is not named Slicer{NAME}"
    if variable(root, "EXTENSION_HOMEPAGE") != entry(root)["scm_url"]:
        yield "EXTENSION_HOMEPAGE is not scm_url"


def check_pictures(root: Path) -> Faults:
    """The icon and the screenshots are files of this repository at the addresses given."""
    place = f"{RAW}{urlsplit(str(entry(root)['scm_url'])).path.strip('/')}/{entry(root)['scm_revision']}/"
    for name in ("EXTENSION_ICONURL", "EXTENSION_SCREENSHOTURLS"):
        if not variable(root, name):
            yield f'there is no set({name} "...") on one line'
        for url in variable(root, name).split():
            if not url.startswith(place):
                yield f"{url} does not lie in {place}"
            elif not is_picture(root / url.removeprefix(place)):
                yield f"{url.removeprefix(place)} is no PNG file of this repository"
    yield from (f"{path.name} has more than {LARGEST_PICTURE_KB} kB" for path in large_pictures(root))


def check_addresses(root: Path) -> Faults:
    """Wherever the repository's address stands, it is the entry's."""
    place = urlsplit(str(entry(root)["scm_url"])).path.strip("/")
    for name in ADDRESSED:
        for owner in re.findall(rf"github(?:usercontent)?\.com/([\w.-]+/Slicer{NAME})\b", read(root / name)):
            if owner != place:
                yield f"{name} has the address of {owner}, not of {place}"


def check_same_dependencies(root: Path) -> Faults:
    """CMakeLists.txt and the entry agree on other extensions that are needed."""
    needed = [each for each in variable(root, "EXTENSION_DEPENDS").split() if each != "NA"]
    if needed != entry(root).get("build_dependencies", []):
        yield "EXTENSION_DEPENDS and build_dependencies differ"


def check_description(root: Path) -> Faults:
    """The description says in one or two sentences what the extension is for, and names patents that are known."""
    length = len(variable(root, "EXTENSION_DESCRIPTION"))
    if not 40 <= length <= 300:
        yield f"EXTENSION_DESCRIPTION has {length} characters, not 40 to 300"
    for patent in re.findall(r"\bUS\d+A\d\b", read(root / "Documentation" / "faq.md")):
        if patent not in variable(root, "EXTENSION_DESCRIPTION"):
            yield f"EXTENSION_DESCRIPTION does not name {patent}, which the questions name"


def check_licence(root: Path) -> Faults:
    """A permissive licence lies at the root, and the README names it."""
    if "Apache License" not in (root / "LICENSE").read_text(encoding="utf-8"):
        yield "LICENSE is not the Apache licence"
    if "Apache-2.0" not in (root / "README.md").read_text(encoding="utf-8"):
        yield "README.md does not name the licence"


def check_size(root: Path) -> Faults:
    """A checkout, with its history, stays far below the limit."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True, text=True).stdout
    size = sum((root / name).stat().st_size for name in listed.split("\0") if name and (root / name).is_file())
    if size > LARGEST_REPOSITORY_MB * 2**20 / 2:  # the other half is for the history
        yield f"the files of the repository have {size / 2**20:.0f} MB"


def check_readme(root: Path) -> Faults:
    """The README has what reviewers ask for."""
    text = (root / "README.md").read_text(encoding="utf-8")
    parts = re.findall(r"^##+ (.+)$", text, re.MULTILINE)
    yield from (f"README.md has no part '{part}'" for part in README_PARTS if part not in parts)
    yield from (
        f"README.md says nothing of {name}"
        for name in ("SpineRoot Annotator", "SpineRoot Modeler")
        if f"**{name}**" not in text
    )
    if not re.match(rf"# {NAME}\n\n\S", text):
        yield "README.md does not begin with the name and a summary"


def check_links(root: Path) -> Faults:
    """Every file, picture and heading that pages and help texts link is there."""
    for page in (root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "Documentation").glob("*.md"))):
        for link in re.findall(r"\]\(([^)\s]+)", read(page)):
            if "://" not in link:
                yield from dead(page, page.parent, link)
    for name in (name for name in ADDRESSED if name.endswith(".py")):
        for link in re.findall(r"href='\{page\}([^']+)'", read(root / name)):
            # on GitHub the page of a repository is its README
            yield from dead(root / name, root, re.sub(r"^(?=#)", "README.md", link.removeprefix("/blob/main/")))


def dead(page: Path, folder: Path, link: str) -> Faults:
    """Say so if a link leads to no file of a folder, or to no heading of it."""
    name, _, heading = link.partition("#")
    target = folder / name if name else page
    if not target.exists():
        yield f"{page.name} links {link}, which is not there"
    elif heading and heading not in headings(read(target)):
        yield f"{page.name} links {link}, and there is no such heading"


def headings(text: str) -> list[str]:
    """The names under which GitHub has a page's headings."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]


CHECKS: tuple[Callable[[Path], Faults], ...] = (
    check_schema,
    check_line_ends,
    check_names,
    check_pictures,
    check_addresses,
    check_same_dependencies,
    check_description,
    check_licence,
    check_size,
    check_readme,
    check_links,
)


def is_picture(path: Path) -> bool:
    """Whether a file is a PNG."""
    return path.is_file() and path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def large_pictures(root: Path) -> list[Path]:
    """Pictures that are too large for a page that loads at once."""
    found = [*(root / "Resources").rglob("*.png"), *(root / "Documentation").rglob("*.png")]
    return [path for path in sorted(found) if path.stat().st_size > LARGEST_PICTURE_KB * 1000]


def read(path: Path) -> str:
    """The text of a file; empty if it is not there."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def move(root: Path, url: str) -> list[str]:
    """Give the repository another address wherever it stands; the files that changed."""
    old, new = (urlsplit(each).path.strip("/") for each in (str(entry(root)["scm_url"]), url))
    changed = []
    for name in ADDRESSED:
        text = read(root / name)
        moved = re.sub(rf"(?<=\.com/){re.escape(old)}\b", new, text)
        if moved != text:
            (root / name).write_bytes(moved.encode("utf-8"))
            changed.append(name)
    return changed


def main(arguments: list[str]) -> int:
    """Print what holds and what does not; the exit status is 1 if anything does not."""
    if arguments[:1] == ["--move"]:
        print("Changed: " + ", ".join(move(ROOT, arguments[1])))
    faulty = False
    for check in CHECKS:
        faults = list(check(ROOT))
        faulty = faulty or bool(faults)
        print(f"{'FAIL' if faults else 'ok  '} {check.__doc__}")
        for fault in faults:
            print(f"     {fault}")
    return int(faulty)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
