"""The DICOM node: studies in by C-STORE and STOW-RS, results out by C-STORE and STOW-RS."""
