"""Statistics of measurement: functions of arrays that know nothing of roots, slices or files."""
