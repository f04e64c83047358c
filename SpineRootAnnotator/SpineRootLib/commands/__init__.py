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
from typing import TYPE_CHECKING, NoReturn

from SpineRootLib import __version__
from SpineRootLib.errors import SpineRootError

if TYPE_CHECKING:
    from SpineRootLib.commands.base import Command

# module of each command -> one line of help; the modules are imported when they are asked for
COMMANDS = {
    "import": "bring DICOM files into a dataset",
    "phantom": "make a synthetic subject",
    "trace": "complete a sparse annotation with proposals",
    "check": "report the faults of an annotation",
    "compare": "measure the distances between annotators",
    "consensus": "write the average annotation",
    "model": "build the surfaces of dura, CSF, cord and roots",
    "quality": "measure SNR and CNR of every slice",
    "labels": "write a label map in CISS space, for learning",
    "centrelines": "write traced roots as lines: TRK, VTP, SWC",
    "from-labels": "make proposals of label maps that other programs made",
    "queue": "list the slices on which models are least certain",
    "score": "measure a model's label map against an annotation",
    "to-nnunet": "write a cohort as a data set for nnU-Net",
    "run": "work on all subjects of a dataset (BIDS App)",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 0 on success and 2 on bad input."""
    # before the first import of numpy: the matrices are small, so that threads cost more than they give
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may be no text
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = _parser(arguments)
    options = parser.parse_args(arguments)
    command: Command = options.command
    options.warnings = []
    try:
        try:
            summary = command.run(options)
        finally:
            for warning in options.warnings:
                print(f"spineroot {command.name}: warning: {warning}", file=sys.stderr)
        if options.json:
            print(json.dumps(summary.as_json(options.warnings), indent=2))
        else:
            print(summary)
    except SpineRootError as error:
        print(f"spineroot {command.name}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        print(f"spineroot {command.name}: {error.filename or 'a file'}: {error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"spineroot {command.name}: interrupted, nothing half-written", file=sys.stderr)
        return 130
    return 0


class _Parser(argparse.ArgumentParser):
    """Says in one sentence what is wrong with the arguments; the usage is there for `--help`."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="spineroot", description="From traced spinal nerve roots to distances, a consensus and surfaces."
    )
    parser.add_argument("--version", action="version", version=f"spineroot {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    asked = next((word for word in arguments if not word.startswith("-")), None)
    for name, text in COMMANDS.items():
        own = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        if name == asked:
            command: Command = importlib.import_module(f"SpineRootLib.commands.{_module(name)}").COMMAND
            command.add_arguments(own)
            own.add_argument("--json", action="store_true", help="print a machine-readable summary on stdout")
            own.set_defaults(command=command)
    return parser


def _module(name: str) -> str:
    """The module of a command: its name, which Python may have taken."""
    return f"{name}_" if keyword.iskeyword(name) else name.replace("-", "_")
