"""Findings, what is marked where, and the order of the roots."""

from __future__ import annotations

from typing import Any

import qt
from slicer.i18n import tr as _

from SpineRootAnnotatorLib.changes import Change
from SpineRootAnnotatorLib.modes.gap_navigation import go_to_finding
from SpineRootAnnotatorLib.session import AnnotationSession
from SpineRootAnnotatorLib.work.root_order import root_order
from SpineRootAnnotatorWidgets.matrix_view import MatrixView
from SpineRootAnnotatorWidgets.order_chart import OrderChart
from SpineRootLib.findings import Finding, Severity


class Reviewing:
    """The section that shows what needs attention; drawn only while it is seen."""

    def __init__(self, ui: Any, session: AnnotationSession):
        self._ui, self._session = ui, session
        self._findings: list[Finding] = []
        self.matrix = MatrixView(self._go_to)
        self.order = OrderChart(self._go_to_slice)
        ui.matrixFrame.layout().addWidget(self.matrix)
        ui.orderFrame.layout().addWidget(self.order)
        ui.reviewSection.connect("contentsCollapsed(bool)", lambda _collapsed: self.refresh())
        changes = session.changes
        changes.connect(self.show_matrix, Change.SUBJECT, Change.MARKS, Change.PROPOSALS)
        changes.connect(self.show_slice, Change.SUBJECT, Change.SLICE)
        changes.connect(self.show_order, Change.SUBJECT, Change.MARKS)
        changes.connect(self.show_findings, Change.SUBJECT, Change.FINDINGS)
        table = ui.findingsTable
        table.setHorizontalHeaderLabels([_("Severity"), _("Slice"), _("Finding")])
        table.horizontalHeader().setStretchLastSection(True)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(qt.QHeaderView.ResizeToContents)  # no sentence is cut
        table.setSelectionBehavior(qt.QAbstractItemView.SelectRows)
        table.setSelectionMode(qt.QAbstractItemView.SingleSelection)
        table.setWordWrap(True)
        table.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
        table.connect("cellClicked(int,int)", self.onFinding)

    def refresh(self) -> None:
        """Show all of it."""
        self.show_matrix()
        self.show_slice()
        self.show_order()
        self.show_findings()

    def show_matrix(self) -> None:
        """Show what is placed, proposed and missing."""
        subject = self._session.subject
        if self._is_seen:
            self.matrix.show_coverage(None if subject is None else subject.coverage)

    def show_slice(self) -> None:
        """Show in the matrix which slice is looked at."""
        if self._is_seen and self._session.subject is not None:
            self.matrix.mark_slice(self._session.subject.number)

    def show_order(self) -> None:
        """Show how the roots lie beside each other."""
        subject = self._session.subject
        if not self._is_seen:
            return
        if subject is None:
            self.order.show_order([], 1)
        elif subject.annotation.planes is not None:
            self.order.show_order(root_order(subject.index), subject.planes.count)

    def show_findings(self) -> None:
        """List what the rules find."""
        subject = self._session.subject
        if self._is_seen:
            self._list([] if subject is None else list(subject.checks.findings))

    @property
    def _is_seen(self) -> bool:
        return not self._ui.reviewSection.collapsed

    def onFinding(self, row: int, _column: int) -> None:
        """Go to a finding."""
        subject = self._session.subject
        if subject is not None and self._findings[row] in subject.checks.findings:
            go_to_finding(subject, self._findings[row])

    def _list(self, findings: list[Finding]) -> None:
        self._ui.findingsLabel.text = _("Findings: {count}").format(count=len(findings))
        if findings == self._findings:
            return
        self._findings = findings
        words = {Severity.ERROR: _("error"), Severity.WARNING: _("warning"), Severity.INFO: _("information")}
        table = self._ui.findingsTable
        table.setRowCount(len(findings))
        for row, finding in enumerate(findings):
            number = "" if finding.slice is None else str(finding.slice)
            for column, text in enumerate((words[finding.severity], number, finding.message)):
                item = qt.QTableWidgetItem(text)
                item.setToolTip(finding.message)
                table.setItem(row, column, item)
        table.resizeColumnToContents(0)
        table.resizeColumnToContents(1)

    def _go_to(self, row: int, number: int) -> None:
        subject = self._session.subject
        if subject is not None:
            subject.go_to_place(subject.coverage.place(row, number))
            self._session.say("")

    def _go_to_slice(self, number: int) -> None:
        if self._session.subject is not None:
            self._session.subject.go_to(number)
