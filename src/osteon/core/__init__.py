"""What all packages share: records, labels, geometry, errors, coded refusals and notes with their wording. No I/O, no torch."""
