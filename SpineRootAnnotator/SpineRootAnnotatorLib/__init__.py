"""An annotator's session on the MRML scene. Nothing here knows Qt."""
