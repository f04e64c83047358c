"""The programs that do the conversion: dcm2niix and dcm2bids."""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from SpineRootLib.errors import DicomError, MissingExtraError
from SpineRootLib.progress import Progress, report

# Ignore the user's saved defaults, anonymise, and put no comments in the header.
_OPTIONS = ("-g", "i", "-ba", "y", "-c", "")
# Success; some series could not be converted; some volumes are incomplete. The images wanted are looked at afterwards.
_USABLE = (0, 8, 10)
_POLL_SECONDS = 0.2


class NotConverted(DicomError):
    """dcm2niix cannot convert a series; others may be converted all the same."""


def dcm2niix_program() -> str:
    """The program that comes with the Python package, else the one on the path.

    Raises
    ------
    MissingExtraError
        if there is neither.
    """
    try:
        import dcm2niix

        return str(dcm2niix.bin)
    except ImportError:
        found = shutil.which("dcm2niix")
    if found is None:
        raise MissingExtraError("dcm2niix", "import", "importing DICOM")
    return found


def run_dcm2niix(
    folder: Path, out: Path, stem: str, only_sidecars: bool = False, progress: Progress | None = None
) -> list[Path]:
    """Convert the series in a folder to NIfTI, uncompressed, with sidecars; or make the sidecars alone.

    Parameters
    ----------
    stem : what the names of the files begin with; they go on where the program makes several images of a series.

    Returns
    -------
    list of Path
        the sidecars.

    Raises
    ------
    NotConverted
        if the program fails.
    """
    kind = ("-b", "o") if only_sidecars else ("-b", "y", "-z", "n")
    command = [dcm2niix_program(), *kind, *_OPTIONS, "-f", stem, "-o", str(out), str(folder)]
    status, said = _run(command, progress)
    if status not in _USABLE:
        told = next((line for line in said.splitlines() if line.startswith("Error")), f"status {status}")
        told = told.removeprefix("Error: ").replace(str(folder), "the series")
        raise NotConverted(f"dcm2niix cannot convert it ({told})")
    return sorted(out.glob(f"{stem}*.json"))


def _run(command: Sequence[str], progress: Progress | None) -> tuple[int, str]:
    """Exit status and output of a program, which is stopped when the caller wants it."""
    try:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise DicomError(f"cannot be run ({error.strerror})", command[0]) from error
    with process:
        try:
            while True:
                report(progress, 0.0, "dcm2niix converts")
                with contextlib.suppress(subprocess.TimeoutExpired):
                    said, _ = process.communicate(timeout=_POLL_SECONDS)
                    return process.returncode, said
        finally:
            process.kill()


def matching_descriptions(
    sidecars: Mapping[Path, Mapping[str, Any]], rules: Mapping[str, Any]
) -> dict[Path, list[dict[str, Any]]]:
    """Which descriptions of a dcm2bids configuration fit each sidecar, as dcm2bids itself finds it.

    Parameters
    ----------
    sidecars : further fields of each, to match besides its own.
    """
    with _dcm2bids() as (_, pairing):
        sidecar_type, pairing_type = pairing
        known = {sidecar_type(str(path)): path for path in sidecars}
        for sidecar, path in known.items():
            sidecar.data.update(sidecars[path])
        matcher = pairing_type(
            list(known),
            rules["descriptions"],
            search_method=rules.get("search_method", "fnmatch"),
            case_sensitive=rules.get("case_sensitive", True),
        )
        graph = matcher.build_graph()
        return {known[sidecar]: list(descriptions) for sidecar, descriptions in graph.items()}


def run_dcm2bids(converted: Path, out: Path, subject: str, descriptions: Sequence[Mapping[str, Any]]) -> Path:
    """Sort converted images into BIDS with dcm2bids.

    Parameters
    ----------
    converted : folder of NIfTI files and sidecars.
    out : a folder of its own; it must exist.
    descriptions : of the images to take.

    Returns
    -------
    Path
        the subject's folder in `out`.
    """
    config = out / "dcm2bids.json"
    config.write_text(json.dumps({"descriptions": list(descriptions)}), encoding="utf-8")
    with _dcm2bids() as (generator, _):
        generator(str(converted), subject, str(config), str(out), skip_dcm2niix=True).run()
    return out / f"sub-{subject}"


@contextlib.contextmanager
def _dcm2bids() -> Iterator[tuple[Any, tuple[Any, Any]]]:
    """The classes of dcm2bids, with its messages kept off the terminal."""
    logger = logging.getLogger("dcm2bids")
    before, silent = logger.propagate, logging.NullHandler()
    logger.propagate = False
    logger.addHandler(silent)
    try:
        from dcm2bids.dcm2bids_gen import Dcm2BidsGen
        from dcm2bids.sidecar import Sidecar, SidecarPairing

        yield Dcm2BidsGen, (Sidecar, SidecarPairing)
    except ImportError:
        raise MissingExtraError("dcm2bids", "import", "importing DICOM") from None
    except SystemExit as error:
        raise DicomError("dcm2bids gave up: it has no BIDS schema, or no valid configuration") from error
    finally:
        logger.propagate = before
        logger.removeHandler(silent)
