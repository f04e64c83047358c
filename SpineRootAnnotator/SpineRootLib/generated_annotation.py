"""Annotations that a program makes, into folders where a person may have worked: nobody's marks are replaced unkept."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from SpineRootLib.annex_content import check_fetched
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import markups_file_names, sidecar_path, write_annotation, write_provenance
from SpineRootLib.clock import stamp
from SpineRootLib.errors import DatasetError
from SpineRootLib.naming import annotator_label, subject_path
from SpineRootLib.provenance import Provenance
from SpineRootLib.translation import _

# the sidecar's record of which program made the files, and of the files as they were made: SHA-256 by name
_MADE = "Made"


@dataclass(frozen=True)
class Generated:
    """What was written.

    Parameters
    ----------
    files : the annotation's files.
    kept : the folder with copies of what a person had put in their place; None where there was nothing such.
    """

    files: list[Path]
    kept: Path | None = None

    def lines(self) -> list[str]:
        """What a user has to be told."""
        if self.kept is None:
            return []
        return [f"what was there before, made or changed by somebody, is kept in {self.kept}"]

    def values(self) -> dict[str, str]:
        """The same for a program."""
        return {} if self.kept is None else {"kept": str(self.kept)}


def write_generated(markers: Path, annotation: Annotation, maker: str, durable: bool = True) -> Generated:
    """Write an annotation that a program made to ``MARKERS/sub-XX/``, as `write_annotation` does.

    What lies there is kept in a folder of its own first, unless it is, byte for byte, what the same program made.

    Parameters
    ----------
    maker : the program: ``consensus``, ``trace``, ``phantom``.
    durable : flush each file to the disk before it replaces the old one.

    Raises
    ------
    DatasetError
        if what lies there cannot be kept, or the folder cannot be written.
    """
    folder, subject = subject_path(markers, annotation.subject), annotation.subject
    kept = None if is_as_generated(folder, subject, maker) else keep_as_found(folder, subject)
    document = annotation.provenance.document
    document.pop(_MADE, None)
    files = write_annotation(markers, annotation, durable)
    # the record comes last: after a crash before it, what lies there counts as a person's and is kept
    document[_MADE] = {"By": maker, "SHA256": _digests(folder, subject, document)}
    write_provenance(folder, annotation, durable)
    return Generated(files, kept)


def check_whose(folder: Path, subject: str, annotator: str | None) -> None:
    """See that what lies in a subject's folder is the annotator's own: what is completed belongs in nobody else's.

    Parameters
    ----------
    annotator : None for whoever's work lies there.

    Raises
    ------
    DatasetError
        if it is the consensus, or another annotator's.
    """
    found = Provenance.read(sidecar_path(folder, subject))
    others = None not in (annotator, found.annotator) and found.annotator != annotator_label(str(annotator))
    if found.is_consensus or others:
        whose = _("annotator {annotator}'s work").format(annotator=found.annotator)
        whose = _("the consensus") if found.is_consensus else whose
        fault = _("is {whose}, which the proposals would replace").format(whose=whose)
        raise DatasetError(fault, folder, _(": choose another --out"))


def keep_as_found(folder: Path, subject: str) -> Path:
    """Copy the markups in a subject's folder, and their sidecar, into a new folder beside them, which is returned.

    No reader takes that folder for an annotation; moved out of there it is one.

    Raises
    ------
    DatasetError
        if a file cannot be copied; all are as they were.
    """
    kept = folder / f"as-found-{stamp()}"
    sidecar = sidecar_path(folder, subject)
    found = [folder / name for name in markups_file_names(folder)]
    path = kept
    try:
        kept.mkdir()
        for path in [*found, sidecar] if sidecar.exists() else found:
            check_fetched(path)
            shutil.copy2(path, kept / path.name)
    except DatasetError as error:
        shutil.rmtree(kept, ignore_errors=True)
        fault = _("cannot be kept before it is replaced: it {fault}").format(fault=error.fault)
        raise DatasetError(fault, path) from error
    except OSError as error:
        shutil.rmtree(kept, ignore_errors=True)
        raise DatasetError(
            _("cannot be kept before it is replaced ({reason})").format(reason=error.strerror), path
        ) from error
    return kept


def is_as_generated(folder: Path, subject: str, *makers: str) -> bool:
    """Whether nothing lies in a subject's folder but what `write_generated` put there for one of the makers."""
    if not markups_file_names(folder) and not sidecar_path(folder, subject).exists():
        return True
    document = Provenance.read(sidecar_path(folder, subject)).document
    made = document.get(_MADE)
    if not isinstance(made, dict) or made.get("By") not in makers or not isinstance(made.get("SHA256"), dict):
        return False
    try:
        return _digests(folder, subject, document).items() <= made["SHA256"].items()
    except OSError:  # a file that cannot be read is not as it was made
        return False


def _digests(folder: Path, subject: str, document: dict[str, Any]) -> dict[str, str]:
    """SHA-256 by name of the markups in a folder, and of what their sidecar says but for these."""
    found = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in markups_file_names(folder)}
    said = json.dumps({key: value for key, value in document.items() if key != _MADE}, sort_keys=True)
    return {**found, sidecar_path(folder, subject).name: hashlib.sha256(said.encode()).hexdigest()}
