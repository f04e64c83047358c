"""What the commands share: their shape, their summary, and the arguments that several of them take."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from SpineRootLib.agreement.figure_of_agreement import MARGINS_MM
from SpineRootLib.anatomy import DEFAULT_SEGMENTS, parse_segments
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import labels_of
from SpineRootLib.annotation_on_image import read_on_image, require_own_image, told_of_reading
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import SpineRootError
from SpineRootLib.naming import of_session, participant_label, session_label, split_label, subject_label
from SpineRootLib.subject_folders import only_session
from SpineRootLib.translation import _

# roots are 0.8-1.4 mm thick on CISS; beyond these a number has another unit or is a slip
_RADII_MM = (0.05, 3.0)


@dataclass(frozen=True)
class Summary:
    """What a command did: lines for a person, values for a program, and the files that it wrote."""

    lines: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[Path, ...] = ()

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def as_json(self, warnings: Sequence[str] = ()) -> dict[str, Any]:
        """The values, the written files and what was warned of as JSON."""
        return {**self.values, "files": [str(path) for path in self.files], "warnings": list(warnings)}


@dataclass(frozen=True)
class Command:
    """One command of the command line.

    Parameters
    ----------
    add_arguments : declares its own arguments.
    run : does the work with the parsed arguments; bad input is raised as SpineRootError.
    """

    name: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], Summary]


def warn(options: argparse.Namespace, sentences: Iterable[str]) -> None:
    """Note what a user has to look after; it is told however the command ends."""
    options.warnings += [each for each in dict.fromkeys(sentences) if each not in options.warnings]


def add_subject(parser: argparse.ArgumentParser, segments: bool = True, sessions: bool = True) -> None:
    """``--subject``, ``--session`` and ``--segments``."""
    label = argument(subject_label if sessions else participant_label)
    parser.add_argument("--subject", required=True, type=label, metavar="03", help="subject's label")
    if sessions:
        help_text = "which of several sessions, sub-03/ses-01"
        parser.add_argument("--session", type=argument(session_label), metavar="01", help=help_text)
    if segments:
        add_segments(parser)


def add_segments(parser: argparse.ArgumentParser) -> None:
    """``--segments``."""
    parser.add_argument(
        "--segments",
        type=argument(parse_segments),
        default=DEFAULT_SEGMENTS,
        metavar='"L1 ... S2"',
        help="the levels that are annotated, such as 'T12 L1 L2' (default: L1-S2)",
    )


def add_run(parser: argparse.ArgumentParser) -> None:
    """``--run``."""
    text = "which of several runs of an image (default: the one that was annotated)"
    parser.add_argument("--run", type=argument(_run_number), metavar="2", help=text)


def open_dataset(options: argparse.Namespace) -> Dataset:
    """The dataset that was named; the subject's label is completed by its session."""
    dataset = Dataset.open(options.dataset, options.run)
    _settle_session(options, dataset.subjects(), options.dataset)
    return dataset


def add_ciss(parser: argparse.ArgumentParser) -> None:
    """``--ciss``."""
    parser.add_argument("--ciss", type=Path, metavar="IMAGE", help="the CISS image, for its slices")
    add_accept_image(parser)


def add_accept_image(parser: argparse.ArgumentParser) -> None:
    """``--accept-image``."""
    text = "take an image though what is marked does not lie on what it shows"
    parser.add_argument("--accept-image", action="store_true", help=text)


def add_formats(parser: argparse.ArgumentParser, known: Iterable[str], default: Sequence[str], what: str) -> None:
    """``--format``: a word, or several with commas between them; repeatable, and what follows is no format.

    Parameters
    ----------
    what : of what they are the formats.
    """
    text = f"formats of {what}, of {', '.join(known)} (default: {','.join(default)})"
    parser.add_argument("--format", action="append", metavar="FORMAT[,FORMAT]", help=text)
    parser.set_defaults(default_formats=tuple(default))


def chosen_formats(options: argparse.Namespace, known: Collection[str], kind: str) -> tuple[str, ...]:
    """The formats that ``--format`` names, each once.

    Parameters
    ----------
    kind : of which they are: a mesh, a surface.

    Raises
    ------
    SpineRootError
        if one is none of those that are known.
    """
    words = re.split(r"[\s,/]+", " ".join(options.format or options.default_formats).strip(" ,/"))
    for name in words:
        if name not in known:
            raise SpineRootError(f"'{name}' is no {kind} format ({', '.join(known)})")
    return tuple(dict.fromkeys(words))


def told_of_marks(annotation: Annotation) -> Iterator[str]:
    """Sentences on what reading found, and on proposals that what is made of the annotation rests on."""
    yield from told_of_reading(annotation)
    if count := annotation.provenance.proposed:
        yield f"{count} of the marks are a program's proposals, which nobody has confirmed"


def read_markers(
    options: argparse.Namespace, markers: Path, told: Callable[[Annotation], Iterable[str]] = told_of_marks
) -> Annotation:
    """The annotation in a folder, on the slices of ``--ciss``, the annotated image, where that was given; the subject's
    label is completed by its session.

    Parameters
    ----------
    told : what of the reading is warned of.
    """
    settle_session(options, [markers])
    annotation = read_on_image(markers, options.subject, options.ciss, options.segments)
    require_own_image(annotation, options.accept_image)
    warn(options, told(annotation))
    return annotation


def settle_session(options: argparse.Namespace, folders: Sequence[Path]) -> None:
    """Complete the subject's label by ``--session``, else by the only session of which the folders hold markups."""
    _settle_session(options, {label for folder in folders for label in labels_of(folder)}, folders[0])


def _settle_session(options: argparse.Namespace, there: Collection[str], source: Path) -> None:
    participant, stated = split_label(options.subject)
    if options.session is not None:
        if stated not in (None, options.session):
            raise SpineRootError(f"--session {options.session} is not that of --subject {options.subject}")
        options.subject = of_session(participant, options.session)
    options.subject = only_session(options.subject, there, source)


def _run_number(text: str) -> str:
    number = text.removeprefix("run-")
    if not number.isdigit():
        raise SpineRootError(f"'{text}' is no number of a run")
    return number


def number_above_zero(text: str) -> float:
    """The number of an argument that must be positive, such as a limit in mm."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"'{text}' is no number above zero")
    return number


def _numbers_above_zero(text: str) -> list[float]:
    return [number_above_zero(word) for word in text.split(",")]


def add_margins(parser: argparse.ArgumentParser) -> None:
    """``--margin``."""
    told = " and ".join(f"{margin:g}" for margin in MARGINS_MM)
    text = f"test whether biases lie within these, two one-sided (default: {told}, the width of a paddle lead)"
    parser.add_argument("--margin", action="extend", type=_numbers_above_zero, metavar="MM[,MM]", help=text)


def margins_of(options: argparse.Namespace) -> tuple[float, ...]:
    """The margins that were asked for, ascending, each once; those of the paper where none were."""
    return tuple(sorted(set(options.margin))) if options.margin else MARGINS_MM


def root_radius(text: str, word: str | None = None, example: str = "0.5") -> float:
    """A root's radius in mm, within what a root can have.

    Parameters
    ----------
    word, example : what the user typed, by default the text, and what could be typed.

    Raises
    ------
    SpineRootError
        if it is none.
    """
    try:
        radius = float(text)
    except ValueError:
        raise SpineRootError(
            _("'{text}' is no radius in mm, such as {example}").format(text=word or text, example=example)
        ) from None
    low, high = _RADII_MM
    if not low <= radius <= high:
        raise SpineRootError(
            _("a root of radius {radius:g} mm makes no sense: from {low:g} to {high:g} mm").format(
                radius=radius, low=low, high=high
            )
        )
    return radius


def argument(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """A parser of an argument's text whose complaint argparse can show."""

    def parsed(text: str) -> Any:
        try:
            return parse(text)
        except SpineRootError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parsed
