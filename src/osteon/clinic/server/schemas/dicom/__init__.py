"""Bodies about the DICOM node: its traffic, and what it fetches."""
