"""``spineroot sensitivity``: what an error of annotation costs a stimulation: orders of recruitment by annotator."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from SpineRootLib.annotation import Annotation
from SpineRootLib.atomic import all_or_none
from SpineRootLib.commands.base import Command, Summary, add_ciss, add_subject
from SpineRootLib.commands.model import add_settings, model_settings, read_to_build
from SpineRootLib.commands.surroundings import add_lead, surroundings_settings
from SpineRootLib.dataset_description import describe_results, images_dataset
from SpineRootLib.errors import SpineRootError
from SpineRootLib.fibres import Fibre, FibreSettings, fibres_of
from SpineRootLib.fibres.sensitivity import SENSITIVITY_TITLE, contact_rows, sensitivity, write_sensitivity
from SpineRootLib.phantom import AnnotatorSettings, simulate_annotator
from SpineRootLib.progress import report
from SpineRootLib.surfaces import build_model

# a fibre that ends at the cord is not excited there, though contacts are nearest to it: it goes on within
_INTRASPINAL_MM = 20.0
_TIMES, _MOST_TIMES = 20, 1000
# what acts less, far from all roots, has an order of roots by chance; by eye
_TOLD_PERCENT = 10.0


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("markers", type=Path, metavar="MARKERS", help="folder that holds sub-*/ with markups")
    add_subject(parser)
    add_ciss(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the tables")
    parser.add_argument(
        "--annotators-like",
        type=Path,
        metavar="AGREEMENT",
        help="annotators who differ as those of this agreement (derivatives/agreement); else those of a phantom",
    )
    parser.add_argument("--times", type=int, default=_TIMES, help=f"simulated annotators (default: {_TIMES})")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same tables (default: 0)")
    add_lead(parser)
    add_settings(parser)


def _run(options: argparse.Namespace) -> Summary:
    if not 1 <= options.times <= _MOST_TIMES:
        raise SpineRootError(f"--times takes a whole number from 1 to {_MOST_TIMES}")
    if options.seed < 0:
        raise SpineRootError("--seed takes a whole number from 0 up")
    around = surroundings_settings(options)
    if around is None:
        raise SpineRootError("name the lead, and where it lies: --lead specify-5-6-5 --at L1")
    settings = replace(model_settings(options, conforming=False), csf=False, surroundings=around)
    annotation, image = read_to_build(options)
    annotators, told = _annotators(options)
    model = build_model(annotation, settings, image=image)
    courses = FibreSettings(intraspinal_mm=_INTRASPINAL_MM)
    own, lead = fibres_of(model, courses), model.lead
    assert lead is not None
    others: list[list[Fibre]] = []
    for rank in range(options.times):
        report(options.progress, (rank + 1) / (options.times + 1), "annotating anew")
        redone = annotators(annotation, options.seed + rank)
        others.append(fibres_of(build_model(redone, replace(settings, surroundings=None)), courses))
    found = sensitivity(own, others, dict(zip(lead.contacts, lead.middles, strict=True)))
    with all_or_none(options.out) as half:
        files = [options.out / path.name for path in write_sensitivity(found, half, model.subject)]
    images = None if options.ciss is None else images_dataset(options.ciss)
    files.append(describe_results(options.out, model.subject, SENSITIVITY_TITLE, [options.markers], images))
    rows = [row for row in contact_rows(found) if row["strength_percent"] >= _TOLD_PERCENT]
    kept, tau = (float(np.mean([row[key] for row in rows])) for key in ("first_kept_percent", "tau_mean"))
    line = (
        f"sub-{model.subject}: over {options.times} simulated annotators the first root of a contact stays in "
        f"{kept:.0f} %, Kendall's tau of the order is {tau:.2f}, in the mean of {len(rows)} of {len(found)} contacts "
        f"that act at least {_TOLD_PERCENT:g} % as strongly as the strongest"
    )
    values = {"subject": model.subject, "times": options.times, "first_kept_percent": kept, "tau_mean": tau}
    return Summary((line, *told, f"written to {options.out}"), values, tuple(files))


def _annotators(options: argparse.Namespace) -> tuple[Callable[[Annotation, int], Annotation], list[str]]:
    """Who annotates anew, by seed, and what is to be told of them."""
    if options.annotators_like is None:
        return lambda truth, seed: simulate_annotator(truth, AnnotatorSettings(), seed, "A"), []
    # what fits them needs the agreement's statistics
    from SpineRootLib.phantom.fitted_annotators import fit_annotators_like

    fitted = fit_annotators_like(options.annotators_like)

    def anew(truth: Annotation, seed: int) -> Annotation:
        who = fitted[seed % len(fitted)]
        return simulate_annotator(truth, who.of_subject(seed), seed, who.label)

    return anew, [f"like {each}" for each in fitted]


COMMAND = Command("sensitivity", _add_arguments, _run)
