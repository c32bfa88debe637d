"""DICOM objects: opened, read, and their frames found."""
