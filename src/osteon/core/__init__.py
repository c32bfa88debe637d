"""The words that everyone speaks: records, labels, geometry, errors. No I/O, no torch."""
