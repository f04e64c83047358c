"""The folder of one subject's markups: the one reader and the one writer of an annotation."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, DEFAULT_SEGMENTS, GANGLIA, ROOTS, SPINAL_SEGMENTS, Root, color
from SpineRootLib.annex_content import is_annexed_link
from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.atomic import write_text
from SpineRootLib.errors import DatasetError, MarkupsFileError, SpineRootError
from SpineRootLib.findings import Finding, Severity
from SpineRootLib.frames import Points
from SpineRootLib.markups import CLOSED_CURVE, FIDUCIAL, Markup, markup_text, read_markup
from SpineRootLib.markups_not_read import files_not_read
from SpineRootLib.naming import MarkupsName, parse_markups_name, subject_label, subject_path
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.provenance import Provenance
from SpineRootLib.subject_folders import labels_in
from SpineRootLib.translation import _

# No spine is so long: what lies farther off along an axis has other units or is another subject's.
_FARTHEST_MM = 400.0


def subject_folder(markers: Path, subject: str) -> Path:
    """The folder with a subject's markups: ``MARKERS/sub-03``, of a session ``MARKERS/sub-03/ses-01``, or MARKERS
    itself where the files lie in it directly.

    Raises
    ------
    DatasetError
        if MARKERS is no readable folder or holds nothing of the subject.
    """
    label = subject_label(subject)
    _listdir(markers)
    for folder in (subject_path(markers, label), subject_path(markers, label, "_")):
        if folder.is_dir():
            return folder
    if any(name.subject == label for _path, name in _markups_files(markers, SPINAL_SEGMENTS, strict=False)):
        return markers
    raise DatasetError(_("holds no markups of sub-{label}").format(label=label), markers)


def labels_of(markers: Path) -> set[str]:
    """Labels of the subjects of whom a folder holds markups, in their folders or directly."""
    _listdir(markers)
    return {*labels_in(markers), *(name.subject for _, name in _markups_files(markers, SPINAL_SEGMENTS, strict=False))}


def holds_markups(folder: Path) -> bool:
    """Whether a folder holds any markups file of ours; False where there is no such folder."""
    return bool(markups_file_names(folder))


def markups_file_names(folder: Path) -> list[str]:
    """The names of the markups files in a subject's folder, strict or not."""
    if not folder.is_dir():
        return []
    return [path.name for path, _name in _markups_files(folder, SPINAL_SEGMENTS, strict=False)]


def sidecar_path(folder: Path, subject: str) -> Path:
    """The provenance file of a subject's folder of markups."""
    return folder / f"sub-{subject}_annotation.json"


def read_annotation(
    markers: Path,
    subject: str,
    planes: SlicePlanes | None = None,
    segments: Sequence[str] = DEFAULT_SEGMENTS,
    annotator: str | None = None,
) -> Annotation:
    """Read what was marked in a subject.

    The file name decides which structure a file is; every disagreement becomes a finding.

    Parameters
    ----------
    markers : the folder that holds ``sub-*/`` folders, or the subject's files directly.
    subject : ``03`` or ``sub-03``.
    planes : the CISS slices; by default as the sidecar records them, else found from the contours.
    segments : the levels annotated in this study.
    annotator : label of the annotator; by default as the sidecar says, else from the name of the folder.

    Raises
    ------
    DatasetError, MarkupsFileError
        if the folder holds nothing of the subject, or a file is not readable as what its name says.
    """
    label = subject_label(subject)
    folder = subject_folder(markers, label)
    provenance = Provenance.read(sidecar_path(folder, label))
    annotation = Annotation(label, segments=tuple(segments), provenance=provenance)
    annotation.annotator = annotator or provenance.annotator or _annotator_of(markers)
    taken: dict[str, str] = {}
    files = list(_markups_files(folder, segments))
    annotation.findings.extend(files_not_read(folder, {path.name for path, _ in files}))
    for path, name in files:
        if name.subject != label:
            annotation.findings.append(_foreign_subject(path, name, label))
        elif name.key in taken:
            annotation.findings.append(_said_twice(path, name, taken[name.key]))
        else:
            taken[name.key] = path.name
            _add_file(annotation, path, name)
    if annotation.is_empty:
        raise DatasetError(_("holds no markups of sub-{label}").format(label=label), folder)
    _check_extent(annotation, folder)
    annotation.planes = planes or annotation.guess_planes()
    return annotation


def write_annotation(markers: Path, annotation: Annotation, durable: bool = True) -> list[Path]:
    """Write an annotation to the subject's folder in MARKERS under the strict names.

    Each file is replaced atomically; files of structures that the annotation no longer has are removed, and nothing
    else in the folder is touched.

    Returns
    -------
    list of Path
        the files written.
    """
    return write_subject(subject_path(markers, annotation.subject), annotation, durable)


def write_subject(folder: Path, annotation: Annotation, durable: bool = True) -> list[Path]:
    """The same into the subject's own folder."""
    written = [write_structure(folder, name, points, durable) for name, points in structures(annotation)]
    written.append(write_provenance(folder, annotation, durable))
    for path, name in list(_markups_files(folder, annotation.segments, strict=False)):
        # a link of the user's own stays; one of git-annex is what remains of a file that was written here
        own = not path.is_symlink() or is_annexed_link(path)
        if name.subject == annotation.subject and path not in written and own:
            path.unlink()
    return written


def write_structure(folder: Path, name: MarkupsName, points: Points, durable: bool = True) -> Path:
    """Write the file of one contour, root or ganglion, points (n, 3), into a subject's folder."""
    return write_text(folder / name.file_name(), structure_text(name, points), durable)


def structure_text(name: MarkupsName, points: Points) -> str:
    """The text of the file of one contour, root or ganglion, points (n, 3) RAS mm."""
    kind = CLOSED_CURVE if name.structure in CONTOUR_STRUCTURES else FIDUCIAL
    labels = tuple(f"{name.label}-{number}" for number in range(1, len(points) + 1))
    return markup_text(Markup(kind, points, labels), color(name.structure, name.root))


def write_provenance(folder: Path, annotation: Annotation, durable: bool = True) -> Path:
    """Write the sidecar of an annotation into the subject's folder."""
    document = annotation.provenance.document
    if annotation.annotator is not None:
        document["Annotator"] = annotation.annotator
    return write_text(sidecar_path(folder, annotation.subject), annotation.provenance.text(), durable)


def structures(annotation: Annotation) -> Iterator[tuple[MarkupsName, Points]]:
    """The strict name and the points, (n, 3), of every file that an annotation is written to."""
    for structure in CONTOUR_STRUCTURES:
        if annotation.contours[structure]:
            for number, contour in annotation.contours_by_slice(structure).items():
                yield MarkupsName(annotation.subject, structure, number=number), contour.points
    for root in sorted(annotation.roots):
        yield MarkupsName(annotation.subject, ROOTS, root=root), annotation.root_descending(root)
    for root in sorted(annotation.ganglia):
        yield MarkupsName(annotation.subject, GANGLIA, root=root), annotation.ganglia[root].reshape(1, 3)


def _listdir(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        raise DatasetError(_("there is no such folder"), folder) from None
    except NotADirectoryError:
        raise DatasetError(_("is a file, not a folder"), folder) from None
    except OSError as error:
        raise DatasetError(_("cannot be read ({reason})").format(reason=error.strerror), folder) from error


def marked_levels(folder: Path) -> set[str]:
    """The levels that names of a subject's markups files say."""
    names = (name for _path, name in _markups_files(folder, SPINAL_SEGMENTS, strict=False))
    return {name.root.segment for name in names if name.root is not None}


def _markups_files(folder: Path, segments: Sequence[str], strict: bool = True) -> Iterable[tuple[Path, MarkupsName]]:
    """Files with a name of ours, strict names first; a name of ours that says nothing known is refused, or skipped."""
    found: list[tuple[Path, MarkupsName]] = []
    for entry in _listdir(folder):
        try:
            name = parse_markups_name(entry, segments)
        except SpineRootError as error:
            if strict:
                raise MarkupsFileError(error.fault, folder / entry, error.advice) from None
            continue
        if name is not None:
            found.append((folder / entry, name))
    return sorted(found, key=lambda item: (item[0].name != item[1].file_name(), item[1].number or 0, item[0].name))


def _annotator_of(markers: Path) -> str | None:
    name = markers.resolve().name
    return name.removeprefix("markers-") if name.startswith("markers-") else None


def _add_file(annotation: Annotation, path: Path, name: MarkupsName) -> None:
    markup = read_markup(path)
    annotation.findings.extend(_kind_findings(markup, name, path))
    annotation.findings.extend(_label_findings(markup, name, path))
    if name.structure in CONTOUR_STRUCTURES:
        if len(markup.points) < 3:
            raise MarkupsFileError(
                _("holds a contour of {count} points, at least 3 are needed").format(count=len(markup.points)), path
            )
        annotation.contours[name.structure].append(Contour(markup.points, path.name))
        return
    assert name.root is not None
    if not len(markup.points):
        annotation.findings.append(
            Finding(Severity.WARNING, "empty-file", f"{path.name} holds no placed point", name.structure, name.root)
        )
    elif name.structure == ROOTS:
        annotation.roots[name.root] = markup.points
    else:
        annotation.ganglia[name.root] = markup.points[0].copy()
        if len(markup.points) > 1:
            message = _("{name} holds {count} points; the first is taken as the ganglion").format(
                name=path.name, count=len(markup.points)
            )
            annotation.findings.append(
                Finding(Severity.ERROR, "one-ganglion", message, GANGLIA, name.root, value=len(markup.points), limit=1)
            )


def _kind_findings(markup: Markup, name: MarkupsName, path: Path) -> Iterator[Finding]:
    """A markup of another kind than the file's name says, as an open curve, or one that Slicer does not read."""
    expected = CLOSED_CURVE if name.structure in CONTOUR_STRUCTURES else FIDUCIAL
    if markup.kind != expected:
        message = f"{path.name} holds a markup of type {markup.kind}; by its name its points are read as {expected}"
        yield Finding(Severity.WARNING, "kind", message, name.structure, name.root, name.number)
    if markup.refused:
        message = _("Slicer does not read {name}: {why}").format(name=path.name, why=markup.refused)
        yield Finding(Severity.WARNING, "kind", message, name.structure, name.root, name.number)


def _label_findings(markup: Markup, name: MarkupsName, path: Path) -> Iterator[Finding]:
    """Labels in a file that contradict its name: as another root an error, as none (Slicer's ``F-1``) a warning."""
    for text in sorted({re.sub(r"[-_]?\d+$", "", label.strip()) or label for label in markup.labels}):
        stated = _stated_root(text)
        if name.root is None or stated == name.root:
            continue
        severity = Severity.ERROR if stated else Severity.WARNING
        said = _("as {root}").format(root=stated) if stated else _("'{text}', which names no root").format(text=text)
        message = _("{name} has points labelled {said}; the file name decides: {root}").format(
            name=path.name, said=said, root=name.root
        )
        yield Finding(severity, "label", message, name.structure, name.root, position=markup.points[0])


def _stated_root(label: str) -> Root | None:
    """The root that a label names, segment or side first: ``L1_L``, ``L_L1``, ``L1-L``."""
    words = re.split(r"[-_ ]+", label.upper())
    for segment, side in ((words[0], words[-1]), (words[-1], words[0])):
        if len(words) == 2:
            with contextlib.suppress(SpineRootError):
                return Root(segment, side)
    return None


def _foreign_subject(path: Path, name: MarkupsName, label: str) -> Finding:
    message = _("{name} lies in the folder of sub-{label} but names sub-{subject}; it was not read").format(
        name=path.name, label=label, subject=name.subject
    )
    return Finding(Severity.ERROR, "file-name", message, name.structure, name.root)


def _said_twice(path: Path, name: MarkupsName, first: str) -> Finding:
    message = _("{name} and {first} both name {key}; {first} was read").format(
        name=path.name, first=first, key=name.key
    )
    return Finding(Severity.ERROR, "file-name", message, name.structure, name.root, name.number)


def _check_extent(annotation: Annotation, folder: Path) -> None:
    """Refuse coordinates that cannot belong to one spine, which is what another unit looks like."""
    places: list[tuple[str, Points]] = [
        (contour.source, contour.points)
        for structure in CONTOUR_STRUCTURES
        for contour in annotation.contours[structure]
    ]
    for structure, marked in ((ROOTS, annotation.roots), (GANGLIA, annotation.ganglia)):
        for root, points in marked.items():
            places.append((MarkupsName(annotation.subject, structure, root=root).file_name(), points.reshape(-1, 3)))
    middle = np.median(np.concatenate([points for _source, points in places]), axis=0)
    for source, points in places:
        away = float(np.abs(points - middle).max())
        if away > _FARTHEST_MM:
            fault = _("lies {away:.4g} mm from the rest of the annotation: other units, or another subject?").format(
                away=away
            )
            raise MarkupsFileError(fault, folder / source)
