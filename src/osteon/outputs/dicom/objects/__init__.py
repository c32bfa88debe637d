"""One module for each kind of DICOM object, and what only they need."""
