"""An annotation read on the image that it was made on, and what a user has to be told of both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from SpineRootLib.anatomy import DEFAULT_SEGMENTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import read_annotation
from SpineRootLib.errors import SpineRootError
from SpineRootLib.findings import Finding, Severity
from SpineRootLib.naming import check_own, subject_label
from SpineRootLib.provenance import Provenance
from SpineRootLib.translation import _

# Of an image that is taken, and of one that seems to be another subject's or a mirrored one.
IMAGE_RULE, ANOTHER_IMAGE_RULE = "image", "image-of-another"
# Slicer labels points by a list's name, in every file that it wrote: too many to be told outside of a fault report
_QUIET_RULE = "label"


def read_on_image(
    markers: Path,
    subject: str,
    ciss: Path | None = None,
    segments: Sequence[str] = DEFAULT_SEGMENTS,
    annotator: str | None = None,
) -> Annotation:
    """Read what was marked in a subject, on the slices of an image that is seen to be the annotated one.

    What could not be told of the image, that it seems to be another one by what it shows (see `require_own_image`), and
    a position that programs read differently, is among the findings.

    Parameters
    ----------
    markers, subject, segments, annotator : as for `read_annotation`.
    ciss : the CISS image; None to read without one.

    Raises
    ------
    SpineRootError
        as `read_annotation` and `image_identity.check_image` do, and if the image is by its name another subject's.
    """
    if ciss is None:
        return read_annotation(markers, subject, None, segments, annotator)
    # SimpleITK takes a while to import, and most runs need no image
    from SpineRootLib.images import read_planes

    check_own(ciss, subject_label(subject))
    annotation = read_annotation(markers, subject, read_planes(ciss), segments, annotator)
    _check_against(annotation, ciss)
    return annotation


def begun_on_image(
    subject: str, annotator: str, ciss: Path | None, segments: Sequence[str], provenance: Provenance
) -> Annotation:
    """An annotation in which nothing is marked yet, on the slices of an image, which is seen to be the recorded one.

    Raises
    ------
    SpineRootError
        as `read_on_image` does.
    """
    annotation = Annotation(subject, annotator, provenance=provenance, segments=tuple(segments))
    if ciss is None:
        annotation.planes = annotation.guess_planes()
        return annotation
    from SpineRootLib.images import read_planes

    annotation.planes = read_planes(ciss)
    _check_against(annotation, ciss)
    return annotation


def _check_against(annotation: Annotation, ciss: Path) -> None:
    """See that an image is the annotated one; what is to be said of it is added to the findings."""
    from SpineRootLib.image_identity import check_image

    found = check_image(annotation, ciss)
    annotation.findings += [Finding(Severity.WARNING, IMAGE_RULE, note) for note in found.notes]
    if found.doubt:
        annotation.findings.append(Finding(Severity.ERROR, ANOTHER_IMAGE_RULE, found.doubt))


def require_own_image(annotation: Annotation, accept: bool = False) -> None:
    """See that what an image shows speaks not against an annotation, unless that is accepted.

    Raises
    ------
    SpineRootError
        if it does.
    """
    for finding in annotation.findings:
        if finding.rule == ANOTHER_IMAGE_RULE and not accept:
            raise SpineRootError(finding.message, advice=_(" (--accept-image takes it all the same)"))


def told_of_reading(annotation: Annotation) -> Iterator[str]:
    """Sentences on what reading found that decides what comes of it: files not read, of another kind, said twice."""
    for finding in annotation.findings:
        if finding.severity == Severity.ERROR or finding.rule != _QUIET_RULE:
            yield finding.message


def told_of_image(annotation: Annotation) -> Iterator[str]:
    """Those of the sentences that are about the image."""
    yield from (finding.message for finding in annotation.findings if finding.rule in (IMAGE_RULE, ANOTHER_IMAGE_RULE))
