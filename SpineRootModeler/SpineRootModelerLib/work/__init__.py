"""What is compared, discussed, agreed and exported, without a scene. Nothing here knows Slicer."""
