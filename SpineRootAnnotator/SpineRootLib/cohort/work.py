"""One subject while its steps work on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from SpineRootLib.agreement.distances import PairAgreement, compare
from SpineRootLib.agreement.figure_of_agreement import AgreementFigure
from SpineRootLib.agreement.raters import Raters
from SpineRootLib.agreement.reading_raters import read_raters
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import sidecar_path, subject_folder
from SpineRootLib.annotation_on_image import require_own_image
from SpineRootLib.cohort.job import SubjectJob
from SpineRootLib.dataset import Dataset
from SpineRootLib.dataset_description import write_description
from SpineRootLib.provenance import Provenance


@dataclass
class Work:
    """A subject while it is worked on: what one step finds out, the next may use.

    Parameters
    ----------
    agreed : the annotation that the model is made from, and its folder.
    files : everything written so far.
    figures : of the annotators' agreement, with their intervals.
    warnings : sentences on what to look after, each once.
    """

    job: SubjectJob
    agreed: tuple[Annotation, Path] | None = None
    files: list[Path] = field(default_factory=list)
    figures: list[AgreementFigure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @cached_property
    def dataset(self) -> Dataset:
        """The dataset."""
        return Dataset(self.job.dataset, self.job.run)

    def warn(self, sentences: Iterable[str]) -> None:
        """Add what is to be looked after."""
        self.warnings += [each for each in dict.fromkeys(sentences) if each not in self.warnings]

    @cached_property
    def annotators(self) -> list[str]:
        """Who annotated the subject; a consensus that lies among them does not count."""
        subject = self.job.subject
        return [label for label in self.dataset.annotators(subject) if not self._is_consensus(label)]

    @cached_property
    def raters(self) -> Raters:
        """The annotators, read together."""
        folders = [self.dataset.markers(label) for label in self.annotators]
        ciss = self.dataset.image(self.job.subject, "CISS")
        raters = read_raters(folders, self.job.subject, ciss, self.job.segments, self.job.blind)
        for annotation in raters.annotations.values():
            require_own_image(annotation, self.job.accept_image)
        return raters

    @cached_property
    def people(self) -> Raters | None:
        """Those of them who are people, if they are two or more: what a program marked has no vote."""
        count = len(self.annotators) - len(self.raters.programs) if len(self.annotators) > 1 else 0
        return self.raters.people() if count > 1 else None

    @cached_property
    def pairs(self) -> list[PairAgreement]:
        """The agreement of every two annotators."""
        return compare(self.raters)

    def describe(self, kind: str, title: str) -> Path:
        """Write the description of a derivative, which leads to the dataset."""
        folder = self.job.results.derivatives / kind
        # the same whichever subject comes first, so that several may be written at once
        markers = [] if kind == "anatqc" else [self.dataset.markers(label) for label in self.dataset.annotators()]
        return write_description(folder, title, sources=markers, images=self.dataset.rawdata)

    def _is_consensus(self, label: str) -> bool:
        folder = subject_folder(self.dataset.markers(label), self.job.subject)
        return Provenance.read(sidecar_path(folder, self.job.subject)).is_consensus
