"""The command line: one module a command, each with a `COMMAND`; this is their list and the frame around them."""

from __future__ import annotations

import argparse
import importlib
import io
import json
import keyword
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from SpineRootLib import __version__
from SpineRootLib.atomic import noting_written
from SpineRootLib.commands.progress import Telling, add_telling, telling
from SpineRootLib.commands.stopping import kept_sentence, status_of, stopped_by_signals
from SpineRootLib.errors import SpineRootError

if TYPE_CHECKING:
    from SpineRootLib.commands.base import Command

# module of each command -> one line of help; the modules are imported when they are asked for
COMMANDS = {
    "import": "bring DICOM files into a dataset",
    "adopt": "make a clean dataset of a published one, reporting each change",
    "phantom": "make a synthetic subject",
    "trace": "complete a sparse annotation with proposals",
    "check": "report the faults of an annotation",
    "compare": "measure the distances between annotators",
    "consensus": "write the average annotation",
    "model": "build the surfaces of dura, CSF, cord and roots",
    "mesh": "fill the regions of a model with tetrahedra, for solvers",
    "fibres": "lay a fibre along each root, for models of what a field excites",
    "sensitivity": "tell what errors of annotation change in which roots a lead recruits",
    "quality": "measure SNR and CNR of every slice",
    "strips": "draw the image straightened along each root, all on one page",
    "labels": "write a label map in CISS space, for learning and for solvers",
    "centrelines": "write traced roots as lines: TRK, VTP, SWC",
    "from-labels": "make proposals of label maps that other programs made",
    "queue": "list the slices on which models are least certain",
    "score": "measure a model's label map against an annotation",
    "to-nnunet": "write a cohort as a data set for nnU-Net",
    "run": "work on all subjects of a dataset (BIDS App)",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 0 on success, 2 on bad input, and 130 or 143 if it was stopped."""
    # before the first import of numpy: the matrices are small, so that threads cost more than they give
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may be no text
    arguments = list(sys.argv[1:] if argv is None else argv)
    asked = " ".join(filter(None, ("spineroot", _asked(arguments))))
    with stopped_by_signals(), noting_written() as written:
        told = Telling()
        try:
            options = _parser(arguments).parse_args(arguments)
            told = options.progress = telling(options)
            _run(options)
            return 0
        except SpineRootError as error:
            sentence, status = str(error), 2
        except BrokenPipeError:
            sys.stderr.close()
            return 0
        except OSError as error:
            sentence, status = f"{error.filename or 'a file'}: {error.strerror or error}", 2
        except KeyboardInterrupt as stop:
            sentence, status = kept_sentence(stop, written), status_of(stop)
        told.close()
        print(f"{asked}: {sentence}", file=sys.stderr)
        told.fault(sentence, status)
        return status


def _run(options: argparse.Namespace) -> None:
    """Do a command's work and print what came of it."""
    command: Command = options.command
    options.warnings = []
    try:
        summary = command.run(options)
    finally:
        options.progress.close()
        for warning in options.warnings:
            print(f"spineroot {command.name}: warning: {warning}", file=sys.stderr)
    if options.json_lines:
        options.progress.result(summary.as_json(options.warnings))
    elif options.json:
        print(json.dumps(summary.as_json(options.warnings), indent=2))
    else:
        print(summary)


def parser_of(name: str) -> argparse.ArgumentParser:
    """The parser of one command, for what is written from it: its page, descriptions of it for other programs."""
    text = COMMANDS[name]
    parser = _Parser(prog=f"spineroot {name}", description=f"{text[0].upper()}{text[1:]}.")
    _complete(parser, name)
    return parser


class _Once(argparse.Action):
    """Keeps an option's value; given again, it would silently take the place of the first."""

    given = False

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        if self.given and option:
            parser.error(f"{option} is given more than once")
        self.given = True
        setattr(namespace, self.dest, values)


class _Parser(argparse.ArgumentParser):
    """Says in one sentence what is wrong with the arguments; the usage is there for `--help`."""

    def __init__(self, *arguments: Any, **named: Any):
        super().__init__(*arguments, **named)
        self.register("action", None, _Once)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="spineroot", description="From traced spinal nerve roots to distances, a consensus and surfaces."
    )
    parser.add_argument("--version", action="version", version=f"spineroot {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    asked = _asked(arguments)
    for name, text in COMMANDS.items():
        own = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        if name == asked:
            _complete(own, name)
    return parser


def _complete(parser: argparse.ArgumentParser, name: str) -> None:
    """Give a command's parser its arguments."""
    command: Command = importlib.import_module(f"SpineRootLib.commands.{_module(name)}").COMMAND
    command.add_arguments(parser)
    add_telling(parser)
    parser.set_defaults(command=command)


def _asked(arguments: Sequence[str]) -> str | None:
    """The command's name among the arguments."""
    return next((word for word in arguments if not word.startswith("-")), None)


def _module(name: str) -> str:
    """The module of a command: its name, which Python may have taken."""
    return f"{name}_" if keyword.iskeyword(name) else name.replace("-", "_")
