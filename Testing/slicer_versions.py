"""What differs between the versions of Slicer that the extension runs on: 5.10 and 5.12 (Qt 5), 5.13 and 6 (Qt 6).

Two lists. What Qt 6 or a newer Slicer no longer has is not used at all. What a version does not have yet, or has in two
forms, is used behind a guard that stands in the same file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("SpineRootAnnotator", "SpineRootModeler", "Testing/in_slicer", "Testing/demo")


@dataclass(frozen=True)
class Gone:
    """An API that not every version has, and what is used instead.

    Parameters
    ----------
    pattern : a regular expression that finds its use in a line of Python or of a ``.ui`` file.
    since : the version that no longer has it.
    instead : what all have.
    """

    pattern: str
    since: str
    instead: str


@dataclass(frozen=True)
class Guarded:
    """An API that some version does not have.

    Parameters
    ----------
    pattern : finds its use.
    since : the version that brought it.
    guard : a regular expression for what stands before the use, in the same file.
    """

    pattern: str
    since: str
    guard: str


GONE = (
    Gone(r"\.setMargin\(", "Qt 6", "setContentsMargins"),
    Gone(r"property name=\"margin\"", "Qt 6", "leftMargin, topMargin, rightMargin, bottomMargin"),
    Gone(r"qt\.QTime\(\)\.(start|elapsed|restart)", "Qt 6", "QElapsedTimer"),
    Gone(
        r"(currentIndexChanged|activated|highlighted|valueChanged)\(QString",
        "Qt 6",
        "currentTextChanged, textActivated",
    ),
    Gone(r"button(Clicked|Pressed|Released|Toggled)\(int", "Qt 6", "idClicked ..."),
    Gone(r"QDesktopWidget|\.desktop\(\)", "Qt 6", "QScreen"),
    Gone(r"qt\.QRegExp\b|QRegExpValidator", "Qt 6", "QRegularExpression"),
    Gone(r"qt\.QTextCodec|qt\.QSignalMapper|qt\.QMatrix\b|qt\.QStringRef", "Qt 6", "none is needed"),
    Gone(r"QPalette\.(Foreground|Background)\b", "Qt 6", "WindowText, Window"),
    Gone(r"\.(fontMetrics\(\)|metrics)\.width\(", "Qt 6", "horizontalAdvance"),
    Gone(r"event\.delta\(\)|\.setTabStopWidth\(|\.setResizeMode\(", "Qt 6", "angleDelta, setTabStopDistance ..."),
    Gone(r"qt\.Qt\.(MidButton|TextColorRole|BackgroundColorRole)", "Qt 6", "MiddleButton, ForegroundRole ..."),
    Gone(r"qt\.Qt\.AA_(EnableHighDpiScaling|UseHighDpiPixmaps)", "Qt 6", "always on"),
    Gone(r"\.exec_\(", "Slicer 6", "exec"),
    Gone(r"^\s*(import|from) imp\b", "Python 3.12", "importlib"),
    Gone(r"(Add|Remove)Actor2D\(", "VTK 9.6", "AddViewProp"),
    Gone(r"(Get|Set|Add|Remove|NumberOf|Nth)\w*(Fiducial|Markup)s?\(", "Slicer 6", "the ControlPoint methods"),
    Gone(r"\.fcsv\b", "Slicer 6", "markups JSON"),
    Gone(r"StartPlaceMode\(", "any: resets the class that is placed", "the interaction node"),
    Gone(r"slicer\.getNode\(|slicer\.getNodes\(", "any: in slicer-core alone", "slicer.util.getNode"),
)

GUARDED = (
    Guarded(r"\.registerCustomSampleDataCategory\(", "5.12", r'hasattr\(\w+, "registerCustomSampleDataCategory"\)'),
    Guarded(r"slicer\.packaging\b", "5.11", r'hasattr\(slicer, "packaging"\)|except (Import|ModuleNotFound)Error'),
)


def sources(root: Path = ROOT) -> list[Path]:
    """What runs in Slicer: modules and their packages, panels, scripts for Slicer."""
    found = [path for folder in FOLDERS for kind in ("*.py", "*.ui") for path in (root / folder).rglob(kind)]
    return sorted(path for path in found if "SpineRootLib" not in path.parts)


def uses(path: Path, pattern: str) -> Iterator[int]:
    """The lines of a file, from 1, on which an API is used."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if re.search(pattern, line.partition("  #")[0]):
            yield number


def unguarded(path: Path, api: Guarded) -> list[int]:
    """The lines on which an API is used with no guard in the file before or around it."""
    is_guarded = re.search(api.guard, path.read_text(encoding="utf-8"))
    return [] if is_guarded else list(uses(path, api.pattern))
