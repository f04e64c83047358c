"""What every room puts on the MRML scene: folder, tables, charts, the open subject's images, clicks."""
