"""Statistics on arrays: bootstrap, intervals, paired tests, ranking, calibration, detection. Needs core alone."""
