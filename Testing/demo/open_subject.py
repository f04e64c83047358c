"""Run in Slicer by `make run`: opens a subject in both modules and builds its surfaces.

Slicer --python-script open_subject.py DATASET SUBJECT ANNOTATOR
"""

import sys

import slicer

dataset, subject, annotator = sys.argv[1:4]

slicer.util.selectModule("SpineRootAnnotator")
panel = slicer.modules.SpineRootAnnotatorWidget
panel.ui.datasetPath.currentPath = dataset
panel.ui.subjectSelector.currentIndex = panel.ui.subjectSelector.findData(subject)
panel.ui.annotatorEdit.text = annotator
panel.ui.openButton.click()

slicer.util.selectModule("SpineRootModeler")
panel = slicer.modules.SpineRootModelerWidget
panel.ui.datasetPath.currentPath = dataset
panel.ui.subjectSelector.currentText = subject
panel.ui.annotatorSelector.currentIndex = panel.ui.annotatorSelector.findData(annotator)
panel.ui.buildButton.click()
