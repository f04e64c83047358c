"""The MRML toolkit that both modules use: nodes, drawings and views of one subject. Nothing here knows Qt.

Importing it sets Slicer's translation, where there is a Slicer: texts may be read as soon as a file is imported.
"""

from SpineRootScene.slicer_translation import use_slicer_translation

use_slicer_translation()
