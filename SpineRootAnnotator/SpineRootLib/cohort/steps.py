"""The steps of a subject's work in a cohort. A new step is a new function in `STEPS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from SpineRootLib.agreement.agreement_files import AGREEMENT_TITLE, write_agreement
from SpineRootLib.agreement.consensus import ConsensusSettings, make_consensus, require_settled
from SpineRootLib.agreement.consensus_files import (
    CONSENSUS_TITLE,
    check_free,
    disagreements_path,
    resolutions_path,
    write_consensus,
    write_disagreements,
)
from SpineRootLib.agreement.disagreements import find_disagreements
from SpineRootLib.agreement.distances import compare
from SpineRootLib.agreement.exchange import exchange_lines
from SpineRootLib.agreement.exchange_renaming import settle_names
from SpineRootLib.agreement.exchange_search import find_exchanges
from SpineRootLib.agreement.outliers import outlier_lines, standings
from SpineRootLib.agreement.reading_raters import counted
from SpineRootLib.agreement.reliability_tables import printed_figures, reliability_of
from SpineRootLib.agreement.resolutions import Resolutions
from SpineRootLib.agreement.tables import printed
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import subject_folder
from SpineRootLib.annotation_on_image import read_on_image, require_own_image, told_of_reading
from SpineRootLib.checks import check
from SpineRootLib.checks.table import CHECK_TITLE, write_findings
from SpineRootLib.cohort.page_step import report_subject
from SpineRootLib.cohort.work import Work
from SpineRootLib.errors import SpineRootError
from SpineRootLib.findings import Severity
from SpineRootLib.naming import subject_path
from SpineRootLib.quality.settings import QualitySettings
from SpineRootLib.quality.slices import low_slices
from SpineRootLib.quality.subject import (
    MEASURED_IMAGES,
    QUALITY_TITLE,
    measure_subject,
    told_of_measured,
    write_quality,
)
from SpineRootLib.surfaces import build_model, write_model
from SpineRootLib.surfaces.made_files import remove_outdated, report_path
from SpineRootLib.surfaces.rendering import write_rendering
from SpineRootLib.surfaces.report import MODEL_TITLE, write_report

# Does its part, writes its files, and yields the lines of the log.
Step = Callable[[Work], Iterator[str]]


def _check(work: Work) -> Iterator[str]:
    job = work.job
    folder = job.results.derivative("check", job.subject)
    for label in work.annotators:
        annotation = work.dataset.read(job.subject, label, job.segments)
        work.warn(f"{label}: {sentence}" for sentence in told_of_reading(annotation))
        findings = check(annotation)
        work.files += write_findings(folder / f"sub-{job.subject}_check-{label}.tsv", findings)
        errors = sum(finding.severity == Severity.ERROR for finding in findings)
        yield f"{label}: {len(findings)} findings, {errors} of them errors"
    if work.annotators:
        work.files.append(work.describe("check", CHECK_TITLE))


def _compare(work: Work) -> Iterator[str]:
    if len(work.annotators) < 2:
        yield f"nothing to compare: {len(work.annotators)} annotators"
        return
    work.warn(work.raters.warnings())
    found = standings(work.pairs)
    folder = work.job.results.derivative("agreement", work.job.subject)
    exchanges = find_exchanges(work.raters)
    work.figures = reliability_of(work.raters, work.pairs, work.job.margins)
    work.files += write_agreement(folder, work.raters, work.pairs, found, exchanges, work.figures)
    work.describe("agreement", AGREEMENT_TITLE)
    yield from exchange_lines(exchanges)
    for pair in work.pairs:
        yield from printed(pair)
    yield from printed_figures(work.figures)
    yield from outlier_lines(found)
    yield from work.raters.missing()


def _consensus(work: Work) -> Iterator[str]:
    job, markers = work.job, work.job.results.markers()
    people = work.people
    if people is None:
        yield f"no consensus of {len(work.annotators)} annotators"
        if subject_path(markers, job.subject).is_dir():
            work.warn([f"the consensus in {markers.name} is an earlier run's: whoever it is of, there are fewer now"])
        return
    work.warn(work.raters.warnings())
    check_free(markers, job.subject)
    resolutions = Resolutions.read(resolutions_path(markers, job.subject))
    raters, exchanges = settle_names(people, resolutions)
    pairs = work.pairs if raters is work.raters else compare(raters)
    resolutions.review(raters.marks)
    resolutions.check(raters.labels, raters.planes, raters.marks)
    disagreements = find_disagreements(raters, pairs, resolutions=resolutions, exchanges=exchanges)
    work.files.append(work.describe(markers.name, CONSENSUS_TITLE))
    work.files += write_disagreements(markers, job.subject, disagreements, resolutions)
    if not job.accept:
        require_settled(raters, disagreements, resolutions, disagreements_path(markers, job.subject))
    consensus = make_consensus(raters, disagreements, resolutions, ConsensusSettings(job.average, accept=job.accept))
    made = write_consensus(markers, consensus, durable=False)
    work.files += made.files
    work.agreed = consensus.annotation, markers
    yield f"{len(disagreements)} places to discuss, {len(resolutions.by_place)} resolved"
    yield from made.lines()
    yield from resolutions.outdated_lines(raters.marks)
    yield from exchange_lines(exchanges)
    yield f"{len(consensus.single)} places marked by one annotator only"


def _model(work: Work) -> Iterator[str]:
    job = work.job
    agreed = work.agreed or _published(work)
    if agreed is not None and _is_one_of_several(work, agreed[1]):
        who = ", ".join(work.annotators)
        raise SpineRootError(f"{who} annotated it, and there is no consensus of them: take the step consensus as well")
    if agreed is None:
        yield "nothing annotated to build a model from"
        folder = job.results.derivative("model", job.subject)
        removed = remove_outdated(folder, job.subject)
        if removed:
            report_path(folder, job.subject).unlink()
            yield f"{len(removed)} files of an earlier run's model were removed"
        return
    annotation, markers = agreed
    work.warn(told_of_reading(annotation) if work.agreed is None else ())
    model = build_model(annotation)
    folder = job.results.derivative("model", job.subject)
    surfaces = write_model(model, folder, durable=False)
    ciss = work.dataset.image(job.subject, "CISS")
    inputs = [path for path in subject_folder(markers, job.subject).iterdir() if path.suffix == ".json"]
    inputs += [] if ciss is None else [ciss]
    written = [*surfaces, write_rendering(model, folder / f"sub-{job.subject}_model.png")]
    work.files += [*written, write_report(model, folder, written, inputs)]
    work.describe("model", MODEL_TITLE)
    yield f"{len(model.parts)} surfaces from {markers}"
    yield from annotation.missing()


def _published(work: Work) -> tuple[Annotation, Path] | None:
    """The consensus of an earlier run or in the dataset, else the first annotator's work that counts, and its folder.

    Raises
    ------
    SpineRootError
        as `read_on_image`, `require_own_image` and `counted` do.
    """
    job, dataset = work.job, work.dataset
    earlier = [] if "consensus" in job.steps else [job.results.markers()]
    places: list[tuple[Path, str | None]] = [(markers, None) for markers in (*earlier, dataset.markers())]
    places += [(dataset.markers(label), label) for label in work.annotators]
    for markers, label in places:
        if subject_path(markers, job.subject).is_dir():
            ciss = dataset.image(job.subject, "CISS")
            annotation = read_on_image(markers, job.subject, ciss, job.segments, label)
            require_own_image(annotation, job.accept_image)
            if label is not None:
                annotation, notes = counted(label, annotation, markers)
                work.warn(notes)
            return annotation, markers
    return None


def _is_one_of_several(work: Work, markers: Path) -> bool:
    """Whether a folder is one annotator's, where others annotated the subject as well."""
    return len(work.annotators) > 1 and markers in [work.dataset.markers(label) for label in work.annotators]


def _quality(work: Work) -> Iterator[str]:
    job = work.job
    images = {name: path for name, path in work.dataset.images(job.subject).items() if name in MEASURED_IMAGES}
    if not images:
        yield f"no {' or '.join(MEASURED_IMAGES)} image to measure"
        return
    agreed = work.agreed or _published(work)
    annotation = None if agreed is None else agreed[0]
    if agreed is not None and _is_one_of_several(work, agreed[1]):
        work.warn([f"there is no consensus: the dura is taken from {agreed[1].name}"])
    work.warn(told_of_measured(images, annotation if work.agreed is None else None))
    rows = measure_subject(images, annotation)
    folder = job.results.derivative("anatqc", job.subject)
    work.files += write_quality(folder, job.subject, rows, annotation, images=images)
    work.describe("anatqc", QUALITY_TITLE)
    low = low_slices(rows, QualitySettings.limit)
    yield f"{len(rows)} slices of {', '.join(images)}, {len(low)} of them below {QualitySettings.limit:g}"


STEPS: dict[str, Step] = {
    "check": _check,
    "compare": _compare,
    "consensus": _consensus,
    "model": _model,
    "quality": _quality,
    "report": report_subject,
}
