"""A comparison of annotators on the scene: tables, charts, their marks, and what is discussed."""
