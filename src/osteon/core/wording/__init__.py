"""Sentences for codes and values: the one place where they are made, and where stored ones are understood again.

It is part of ``core`` because all who show a reading need the same sentences: ``Reading.reason``, the command line,
every output format, evaluation, and the reading room.
"""
