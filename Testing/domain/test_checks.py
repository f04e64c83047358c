"""The rules of quality control: each finds the fault that it is for, where it is, and is silent without."""

from __future__ import annotations

import numpy as np
import pytest
from straight_subject import PLANES, SLICES, contour, ellipse, straight_subject

from SpineRootLib.anatomy import CORD, DURA, GANGLIA, ROOTS, Root
from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.annotation_files import read_annotation, write_annotation
from SpineRootLib.checks import RULES, Checker, Limits, check
from SpineRootLib.findings import Finding, Severity

HALF_WIDTH = 9.0  # of the straight subject's dura, mm
L3_L, L4_L, L4_R = Root("L3", "L"), Root("L4", "L"), Root("L4", "R")


def only(found: list[Finding], rule: str) -> Finding:
    """The one finding, which must be of the rule."""
    assert [finding.rule for finding in found] == [rule], [finding.message for finding in found]
    return found[0]


def of_rule(found: list[Finding], rule: str) -> list[Finding]:
    return [finding for finding in found if finding.rule == rule]


def shift(annotation: Annotation, root: Root, numbers: range | list[int], flat: tuple[float, float]) -> None:
    """Move a root's points on some slices by in-plane millimetres."""
    here = np.isin(PLANES.number(annotation.roots[root]), list(numbers))
    annotation.roots[root][here] += flat[0] * PLANES.right + flat[1] * PLANES.anterior


def test_a_faultless_annotation_has_no_finding():
    assert check(straight_subject()) == []


def test_every_rule_has_its_own_name_and_a_limit_that_exists():
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    assert all(rule.limit is None or hasattr(Limits(), rule.limit) for rule in RULES)


def test_swapped_points_of_a_root_are_found_where_they_are():
    annotation = straight_subject()
    points = annotation.roots[L3_L]
    points[[10, 11]] = points[[11, 10]]
    found = only(check(annotation), "order")
    assert (found.severity, found.root, found.slice, found.value) == (Severity.WARNING, L3_L, 18, 1)
    assert "17-18" in found.message


def test_a_root_listed_from_the_bottom_up_is_no_fault():
    annotation = straight_subject()
    annotation.roots[L3_L] = annotation.roots[L3_L][::-1]
    assert check(annotation) == []


def test_a_second_point_on_a_slice_is_an_error_where_it_lies_apart_and_a_warning_where_not():
    for apart, severity in ((0.6, Severity.ERROR), (0.01, Severity.WARNING)):
        annotation = straight_subject()
        extra = annotation.root_by_slice(L3_L)[30] + apart * PLANES.anterior
        annotation.roots[L3_L] = np.vstack([annotation.roots[L3_L], extra])
        found = of_rule(check(annotation), "duplicate")
        assert [(each.severity, each.root, each.slice) for each in found] == [(severity, L3_L, 30)]
        assert found[0].value == pytest.approx(apart)


def test_two_contours_on_a_slice_are_named_with_their_files():
    annotation = straight_subject()
    annotation.contours[DURA].append(contour(8.8, 6.9, 7, "sub-01_dura_41.json"))
    found = of_rule(check(annotation), "duplicate-contour")
    assert [(each.structure, each.slice, each.value) for each in found] == [(DURA, 7, 2)]
    assert "sub-01_dura_7.json" in found[0].message
    assert "sub-01_dura_41.json" in found[0].message


def test_slices_left_out_are_found_within_a_run_only():
    annotation = straight_subject()
    for number in (25, 26):
        annotation.set_root_point(L3_L, number, None)
    annotation.set_root_point(L3_L, SLICES, None)
    annotation.set_contour(CORD, 10, None)
    found = of_rule(check(annotation), "gap")
    assert [(each.structure, each.root, each.slice, each.value) for each in found] == [
        (CORD, None, 10, 1),
        (ROOTS, L3_L, 25, 2),
    ]


def test_a_point_between_two_slices_is_off_its_slice():
    annotation = straight_subject()
    annotation.roots[L3_L][4] += 0.3 * PLANES.down
    found = only(check(annotation), "off-slice")
    assert (found.root, found.slice) == (L3_L, 11)
    assert found.value == pytest.approx(0.3)


def test_a_point_beyond_the_image_is_an_error():
    annotation = straight_subject()
    annotation.roots[L3_L][-1] += 2.0 * PLANES.down
    found = of_rule(check(annotation), "off-slice")
    assert [(each.severity, each.root, each.slice) for each in found] == [(Severity.ERROR, L3_L, SLICES)]
    assert found[0].value == pytest.approx(2.0)


def test_a_misplaced_point_is_a_jump_and_its_neighbours_are_none():
    annotation = straight_subject()
    shift(annotation, L4_L, [25], (0.0, 2.0))
    found = of_rule(check(annotation), "jump")
    assert [(each.root, each.slice) for each in found] == [(L4_L, 25)]
    assert found[0].value == pytest.approx(2.0)


def test_a_bend_is_no_jump():
    annotation = straight_subject()
    numbers = PLANES.number(annotation.roots[Root("L1", "L")])
    bend = 0.004 * (numbers - numbers.min()) ** 2  # 4.6 mm at the end
    annotation.roots[Root("L1", "L")] += np.outer(bend, PLANES.anterior)
    assert of_rule(check(annotation), "jump") == []


def test_the_first_and_the_last_point_may_depart_twice_as_far():
    for away, expected in ((1.3, []), (1.5, [SLICES])):
        annotation = straight_subject()
        shift(annotation, L4_L, [SLICES], (0.0, away))
        assert [each.slice for each in of_rule(check(annotation), "jump")] == expected


def test_a_root_of_a_few_points_is_not_judged_for_jumps():
    annotation = straight_subject()
    annotation.roots[L4_L] = annotation.roots[L4_L][:6]
    annotation.roots[L4_L][3] += 2.0 * PLANES.anterior
    assert of_rule(check(annotation), "jump") == []


def test_the_limit_of_a_jump_follows_the_roots_own_scatter():
    steady, shaky = straight_subject(), straight_subject()
    numbers = PLANES.number(shaky.roots[L4_L])
    shaky.roots[L4_L] += np.outer(np.where(numbers % 2, 0.25, -0.25), PLANES.anterior)
    for annotation in (steady, shaky):
        shift(annotation, L4_L, [25], (0.0, 1.0))
    assert [each.slice for each in of_rule(check(steady), "jump")] == [25]
    assert of_rule(check(shaky), "jump") == []


@pytest.mark.parametrize(("outside", "severity"), [(0.002, "info"), (0.1, "info"), (0.3, "warning"), (0.6, "error")])
def test_how_much_a_point_outside_the_dura_matters_follows_the_jitter(outside, severity):
    annotation = straight_subject()
    annotation.set_root_point(Root("L1", "L"), SLICES, PLANES.lift([[-9.0 - outside, 0.0]], SLICES))
    assert [str(each.severity) for each in of_rule(check(annotation), "inside-dura")] == [severity]


def test_a_point_outside_the_dura_is_found_with_its_distance():
    annotation = straight_subject()
    # on the left of the ellipse's widest place, 9 mm from the centre
    annotation.set_root_point(Root("L1", "L"), SLICES, PLANES.lift([[-9.25, 0.0]], SLICES))
    found = of_rule(check(annotation), "inside-dura")
    assert [(each.severity, each.root, each.slice) for each in found] == [(Severity.WARNING, Root("L1", "L"), SLICES)]
    assert found[0].value == pytest.approx(0.25, abs=0.01)
    assert np.allclose(found[0].position, PLANES.lift([[-9.25, 0.0]], SLICES)[0])


def test_a_point_inside_the_cord_is_found_with_its_depth():
    annotation = straight_subject()
    annotation.set_root_point(L4_L, 15, PLANES.lift([[-2.0, -2.0]], 15))
    found = of_rule(check(annotation), "outside-cord")
    assert [(each.root, each.slice) for each in found] == [(L4_L, 15)]
    assert found[0].value == pytest.approx(3.0 - np.sqrt(8.0), abs=0.01)


def test_a_cord_outside_the_dura_is_found():
    annotation = straight_subject()
    annotation.set_contour(CORD, 12, PLANES.lift(ellipse(3.0, 3.0) + [0.0, 4.5], 12))
    found = only(check(annotation), "cord-in-dura")
    assert found.slice == 12
    assert found.value == pytest.approx(0.5, abs=0.02)


def test_a_contour_that_crosses_itself_is_found():
    annotation = straight_subject()
    points = ellipse(9.0, 7.0)
    points[[3, 4]] = points[[4, 3]]
    annotation.set_contour(DURA, 33, PLANES.lift(points, 33))
    found = of_rule(check(annotation), "self-crossing")
    assert [(each.structure, each.slice) for each in found] == [(DURA, 33)]


def test_roots_that_meet_between_two_slices_are_found():
    annotation = straight_subject()
    # L3_L passes from above L4_L to below it between slices 30 and 31, 1 mm away on both
    place = annotation.root_by_slice(L4_L)
    for number in range(7, SLICES + 1):
        away = 1.0 if number <= 30 else -1.0
        if number in place:
            annotation.set_root_point(L3_L, number, place[number] + away * PLANES.anterior)
    found = of_rule(check(annotation), "near")
    assert [(each.root, each.slice) for each in found] == [(L4_L, 30)]
    assert found[0].value == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("slices", "severity"), [(6, Severity.WARNING), (7, Severity.ERROR)])
def test_a_root_that_was_marked_twice_under_two_names_is_an_error_where_it_lasts(slices, severity):
    annotation = straight_subject()
    for number in range(30, 30 + slices):
        place = annotation.root_by_slice(L4_L)[number]
        annotation.set_root_point(L3_L, number, place + 0.2 * PLANES.anterior)
    (found,) = of_rule(check(annotation), "near")
    assert (found.severity, found.root, found.value) == (severity, L4_L, pytest.approx(0.2))


@pytest.mark.parametrize(("last", "where"), [(20, "on slice 20 only"), (SLICES, "from slice 20 on")])
def test_roots_that_exchange_places_are_found_where_they_do(last, where):
    annotation = straight_subject()
    one, other = annotation.root_by_slice(L3_L), annotation.root_by_slice(L4_L)
    for number in range(20, last + 1):
        annotation.set_root_point(L3_L, number, other[number])
        annotation.set_root_point(L4_L, number, one[number])
    found = of_rule(check(annotation), "exchange")
    assert [(each.root, each.slice) for each in found] == [(L4_L, 20)]
    assert where in found[0].message


def test_exchanged_roots_break_the_order_of_the_segments():
    annotation = straight_subject()
    annotation.roots[L3_L], annotation.roots[L4_L] = annotation.roots[L4_L], annotation.roots[L3_L]
    found = of_rule(check(annotation), "root-order")
    assert [(each.severity, each.root) for each in found] == [(Severity.ERROR, L4_L)]
    assert "slices 8-40" in found[0].message
    # distances from (0, -7): L3 at (4.1, -3.6), L4 at (3.4, -3.9)
    assert found[0].value == pytest.approx(np.hypot(4.1, 3.4) - np.hypot(3.4, 3.1), abs=0.01)


def test_an_order_broken_within_the_jitter_is_mentioned_only_if_it_lasts():
    for numbers, expected in ((range(30, 32), []), (range(30, 36), [Severity.INFO])):
        annotation = straight_subject()
        shift(annotation, L4_L, numbers, (-0.55, 0.6))
        found = of_rule(check(annotation), "root-order")
        assert [each.severity for each in found] == expected


def test_a_root_that_passes_another_in_two_slices_breaks_no_order_but_one_that_stays_behind_it_does():
    for numbers, expected in ((range(30, 32), []), (range(30, 34), [Severity.WARNING])):
        annotation = straight_subject()
        shift(annotation, L4_L, numbers, (-1.05, 0.96))
        found = of_rule(check(annotation), "root-order")
        assert [each.severity for each in found] == expected
        assert all(0.55 < each.value < 0.86 for each in found)


def test_a_root_far_out_of_order_is_told_on_a_single_slice():
    annotation = straight_subject()
    shift(annotation, L4_L, range(30, 31), (-2.0, 2.0))
    assert [each.slice for each in of_rule(check(annotation), "root-order")] == [30, 30]


def test_exchanged_sides_are_found():
    annotation = straight_subject()
    annotation.roots[L4_L], annotation.roots[L4_R] = annotation.roots[L4_R], annotation.roots[L4_L]
    found = of_rule(check(annotation), "side")
    assert [(each.root, each.slice) for each in found] == [(L4_L, 8), (L4_R, 8)]
    assert found[0].value == pytest.approx(6.8)


def test_a_lone_root_on_the_wrong_side_of_the_dura_is_found():
    annotation = straight_subject()
    annotation.roots[L4_L] = annotation.roots.pop(L4_R)
    found = of_rule(check(annotation), "side")
    assert [(each.root, each.slice) for each in found] == [(L4_L, 8)]
    assert found[0].value == pytest.approx(3.4)


def test_ganglia_on_the_wrong_side_are_found():
    annotation = straight_subject()
    ganglia = annotation.ganglia
    ganglia[L4_L], ganglia[L4_R] = ganglia[L4_R], ganglia[L4_L]
    found = only(check(annotation), "ganglion-side")
    assert (found.structure, found.root) == (GANGLIA, L4_L)
    assert found.value == pytest.approx(30.0)


def test_ganglia_out_of_the_order_of_the_segments_are_found():
    annotation = straight_subject()
    ganglia = annotation.ganglia
    ganglia[L3_L], ganglia[L4_L] = ganglia[L4_L], ganglia[L3_L]
    found = only(check(annotation), "ganglion-order")
    assert found.root == L4_L
    assert found.value == pytest.approx(16.0)


def test_a_ganglion_above_the_end_of_its_root_is_found():
    annotation = straight_subject()
    annotation.ganglia[Root("L1", "L")] -= 20.0 * PLANES.down
    found = only(check(annotation), "ganglion-below-root")
    assert found.root == Root("L1", "L")
    assert found.value == pytest.approx(10.0)


def test_contours_numbered_in_another_order_are_said_once_and_harmless():
    annotation = straight_subject()
    annotation.contours[CORD] = [
        Contour(each.points, f"sub-01_cord_{21 - number}.json") for number, each in enumerate(annotation.cord, start=1)
    ]
    found = only(check(annotation), "numbering")
    assert (found.severity, found.structure, found.value) == (Severity.INFO, CORD, 20)


def test_what_is_missing_and_what_could_not_be_checked_for_it_is_said():
    annotation = straight_subject()
    annotation.contours[CORD] = []
    del annotation.roots[L4_L], annotation.ganglia[L4_R]
    found = check(annotation)
    assert [(each.structure, each.root) for each in of_rule(found, "missing")] == [
        (CORD, None),
        (ROOTS, L4_L),
        (GANGLIA, L4_R),
    ]
    unchecked = of_rule(found, "unchecked")
    assert [(each.severity, each.structure) for each in unchecked] == [(Severity.INFO, CORD)]
    assert "root points lie outside the cord" in unchecked[0].message
    assert "the cord lies inside the dura" in unchecked[0].message
    assert len(found) == 4


def test_slices_with_roots_but_without_a_contour_are_said_to_be_unchecked():
    annotation = straight_subject()
    for structure, numbers in ((DURA, (38, 39, 40)), (CORD, (9,))):
        for number in numbers:
            annotation.set_contour(structure, number, None)
    found = [each for each in check(annotation) if each.severity is Severity.INFO]
    assert [(each.rule, each.structure, each.slice, each.value) for each in found] == [
        ("inside-dura", DURA, 38, 3),
        ("outside-cord", CORD, 9, 1),
    ]
    assert "not checked on slices 38-40" in found[0].message


def test_roots_and_ganglia_alone_are_checked_as_far_as_they_go():
    annotation = straight_subject()
    annotation.contours = {DURA: [], CORD: []}
    assert [each.rule for each in check(annotation)] == ["missing", "missing", "unchecked", "unchecked"]
    annotation.planes = None
    unchecked = of_rule(check(annotation), "unchecked")
    assert [each.message.startswith("not checked, as the slices are not known") for each in unchecked] == [True]


def test_after_an_edit_a_checker_says_what_a_fresh_check_says():
    annotation = straight_subject()
    checker = Checker()
    assert checker(annotation) == []
    annotation.set_contour(CORD, 12, PLANES.lift(ellipse(3.0, 3.0) + [0.0, 4.5], 12))
    shift(annotation, L4_L, [25], (0.0, 2.0))
    again, fresh = checker(annotation), check(annotation)
    assert [each.message for each in again] == [each.message for each in fresh]
    assert {each.rule for each in again} >= {"cord-in-dura", "jump"}


@pytest.mark.parametrize("lost", [2, 3, 15])
def test_a_root_that_ends_well_inside_the_dura_is_named(lost):
    annotation = straight_subject()
    for root in annotation.roots:  # all alike, so that none ends above another
        annotation.roots[root] = annotation.roots[root][:-lost]
    found = of_rule(check(annotation), "root-end")
    assert {each.root for each in found} == set(annotation.roots)
    assert {each.slice for each in found} == {SLICES - lost}
    assert all(each.value > 1.0 for each in found)
    assert f"which goes on to {SLICES}" in found[0].message


def test_a_root_may_lack_its_last_mark():
    annotation = straight_subject()
    for root in annotation.roots:
        annotation.roots[root] = annotation.roots[root][:-1]
    assert of_rule(check(annotation), "root-end") == []


@pytest.mark.parametrize(("inside_mm", "is_told"), [(0.4, False), (0.9, False), (1.1, True)])
def test_a_root_that_leaves_the_dura_may_end_there(inside_mm, is_told):
    annotation = straight_subject()
    upper = min(annotation.roots)
    points = annotation.roots[upper][:-10]
    edge = HALF_WIDTH - inside_mm
    points[-1] = PLANES.lift([[-edge if upper.side == "L" else edge, 0.0]], SLICES - 10)[0]
    annotation.roots[upper] = points
    found = of_rule(check(annotation), "root-end")
    assert [each.root for each in found] == [upper] * is_told


def test_a_root_that_ends_above_a_higher_one_is_named_though_it_lies_at_the_wall():
    annotation = straight_subject()
    points = annotation.roots[L4_L][:-10]
    points[-1] = PLANES.lift([[0.3 - HALF_WIDTH, 0.0]], SLICES - 10)[0]
    annotation.roots[L4_L] = points
    (found,) = of_rule(check(annotation), "root-end")
    assert (found.root, found.slice) == (L4_L, SLICES - 10)
    assert "runs on" in found.message


def test_the_file_names_and_labels_that_disagree_are_in_the_report(tmp_path):
    folder = write_annotation(tmp_path, straight_subject())[0].parent
    path = folder / "sub-01_ganglions_L4_L.json"
    path.write_text(path.read_text().replace("L4_L-1", "L3_L-1"))
    found = only(check(read_annotation(tmp_path, "01")), "label")
    assert (found.severity, found.structure, found.root) == (Severity.ERROR, GANGLIA, L4_L)


def test_the_faults_of_the_real_subject_are_found_and_nothing_else_is_called_an_error(sub03):
    found = check(read_annotation(sub03 / "markers", "03"))
    assert len([each for each in of_rule(found, "label") if each.structure == GANGLIA]) == 11
    assert [each.root for each in of_rule(found, "label") if each.structure == ROOTS] == [Root("S1", "R")]
    assert [each.root for each in of_rule(found, "order")] == [Root("L2", "L")]
    outside = [(str(each.root), each.slice, each.severity) for each in of_rule(found, "inside-dura")]
    assert outside == [("L2_L", 72, Severity.WARNING), ("L1_L", 54, Severity.INFO)]  # 0.36 and 0.11 mm
    inside = [(str(each.root), each.severity) for each in of_rule(found, "outside-cord")]
    assert inside == [("L3_L", Severity.WARNING), ("L2_L", Severity.INFO), ("L5_L", Severity.INFO)]
    errors = {each.rule for each in found if each.severity is Severity.ERROR}
    assert errors == {"label"}
