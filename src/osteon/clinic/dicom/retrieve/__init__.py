"""Fetching studies from other archives: by C-FIND with C-GET or C-MOVE, or by QIDO-RS and WADO-RS."""
