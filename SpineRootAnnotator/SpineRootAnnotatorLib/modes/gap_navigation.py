"""Going to what needs attention: gaps and findings."""

from __future__ import annotations

from SpineRootAnnotatorLib.keys import GANGLIA_MODE, ROOTS_MODE
from SpineRootAnnotatorLib.modes.subject import Subject
from SpineRootAnnotatorLib.saying import Kind
from SpineRootAnnotatorLib.work.live_checks import place_of
from SpineRootLib.anatomy import GANGLIA, ROOTS
from SpineRootLib.findings import Finding
from SpineRootLib.place import Place
from SpineRootLib.sentences import sentence
from SpineRootLib.translation import _


def next_gap(subject: Subject) -> None:
    """Go to the next place that is missing, of what is worked on first.

    Of a root that was followed it is the slice where a mark would help most. Where nothing is missing of what is worked
    on, it is a mark that is asked for a second time.
    """
    if subject.mode_name == GANGLIA_MODE:
        _next_ganglion(subject)
        return
    if subject.mode_name == ROOTS_MODE and _least_sure(subject):
        return
    if subject.repeats.asked is not None:
        _ask(subject, subject.repeats.asked)
        return
    here, gaps = subject.place, list(subject.coverage.gaps())
    same_structure = [gap for gap in gaps if here is not None and gap.without_slice == here.without_slice]
    ahead = [gap for gap in same_structure if gap.slice is not None and gap.slice > subject.number]
    gap = next(iter(ahead or same_structure), None)
    again = subject.repeats.due() if gap is None else []
    gap = gap or next(iter(gaps), None)
    if again:
        _ask(subject, again[0])
    elif gap is None:
        subject.say(_nothing_missing(len(subject.repeats.unasked())))
    else:
        subject.go_to_place(gap)


def _nothing_missing(waiting: int) -> str:
    """What to say where there is no gap and no mark to be made again now."""
    nothing = _("Nothing is missing between what is marked.")
    if not waiting:
        return nothing
    text = _("{count} marks are to be made a second time, when others have come in between or on another day.")
    return f"{nothing} {text.format(count=waiting)}"


def _ask(subject: Subject, place: Place) -> None:
    """Ask for a mark a second time."""
    subject.ask(place)  # before its slice is shown
    if subject.mode_name != ROOTS_MODE:
        subject.set_mode(ROOTS_MODE)
    subject.go_to_place(place)


def next_finding(subject: Subject, by: int) -> None:
    """Go to the next or previous finding."""
    finding = subject.checks.turn(by)
    if finding is None:
        subject.say(_("There are no findings."))
    else:
        go_to_finding(subject, finding)


def go_to_finding(subject: Subject, finding: Finding) -> None:
    """Go to where a finding is, slice and structure."""
    subject.checks.current = subject.checks.findings.index(finding)
    place = place_of(finding)
    if place is not None:
        subject.go_to_place(place)
    elif finding.slice is not None:
        subject.go_to(finding.slice)
    if finding.position is not None and finding.structure == GANGLIA:
        subject.display.look_at_point(finding.position)
    subject.say(sentence(finding.message), Kind.HINT)


def _least_sure(subject: Subject) -> bool:
    """Go to where the active root's proposals are the least sure, from there to the next such place; whether any is."""
    title = _("Following {root} again from its marks").format(root=subject.root)
    root, annotation = subject.root, subject.confirmed
    found = subject.in_pieces(title, lambda progress: subject.proposals.least_sure(annotation, root, progress))
    if found is None:
        return True
    places = [each for each in found if subject.mark(Place(ROOTS, each.root, each.slice)) is None]  # some are skipped
    if not places:
        return False
    numbers = [place.slice for place in places]
    here = numbers.index(subject.number) if subject.number in numbers else -1
    place = places[(here + 1) % len(places)]
    subject.go_to_place(Place(ROOTS, place.root, place.slice))
    text = _("{root} is least sure here, on slice {slice} (may be off by {deviation:.1f} mm): a mark here helps most.")
    subject.say(text.format(root=place.root, slice=place.slice, deviation=place.deviation))
    return True


def _next_ganglion(subject: Subject) -> None:
    annotation = subject.confirmed
    missing = [root for root in annotation.expected_roots() if root not in annotation.ganglia]
    if missing:
        subject.go_to_place(Place(GANGLIA, root=missing[0]))
    else:
        subject.say(_("No ganglion is missing."))
