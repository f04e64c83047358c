"""What surfaces are built from: the consensus, one annotator's work, or the discussion as it stands."""

from __future__ import annotations

from pathlib import Path

from SpineRootLib.agreement.consensus_files import resolutions_path
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import subject_folder
from SpineRootLib.dataset import Dataset
from SpineRootLib.progress import Progress
from SpineRootModelerLib.work.annotators import require_seen
from SpineRootModelerLib.work.discussion import Discussion
from SpineRootModelerLib.work.unsettled import require_names

# beside the consensus (None) and an annotator (a label)
DISCUSSED = "as-discussed"


def read_seen(dataset: Dataset, subject: str, annotator: str | None) -> Annotation:
    """An annotation that may be seen, the consensus for None.

    Raises
    ------
    SpineRootError
        if it cannot be read, or must not be seen yet.
    """
    if annotator is not None:
        require_seen(dataset, subject, annotator)
    return dataset.read(subject, annotator, dataset.levels(subject, [annotator]))


def files_of(dataset: Dataset, subject: str, annotator: str | None) -> list[Path]:
    """The files of an annotation, those of the consensus for None."""
    folder = subject_folder(dataset.markers(annotator), subject)
    return sorted(path for path in folder.iterdir() if path.suffix == ".json")


def as_discussed(
    dataset: Dataset, discussion: Discussion, progress: Progress | None = None
) -> tuple[Annotation, list[Path]]:
    """What annotators agree on now, where nothing is settled their mean, and the files that it comes from.

    Raises
    ------
    SpineRootError
        if names look exchanged and nobody answered whose they are: the mean would be a root that nobody marked.
    """
    require_names(discussion.pending())
    raters = discussion.raters
    files = [path for label in raters.labels for path in files_of(dataset, raters.subject, label)]
    settled = resolutions_path(dataset.markers(), raters.subject)
    agreed = discussion.consensus(accept=True, progress=progress)
    return agreed.annotation, [*files, *([settled] if settled.exists() else [])]
