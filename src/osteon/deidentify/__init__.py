"""De-identification: DICOM by PS3.15's basic profile with options, and raster images stripped to their pixels.

What is not known to be safe is removed: an attribute is kept only if it is on the list of those that a radiograph needs
(``header/allowed.py``), and its value only if the list allows it. The standard's table of actions comes from
dicom-anonymizer; everything else (sequences, dates, new UIDs, file meta, overlays, codestreams) is implemented here.
"""

from osteon.deidentify.file import Cleaned, deidentify
from osteon.deidentify.options import Dates, Options
from osteon.deidentify.secret import Secret

__all__ = ["Cleaned", "Dates", "Options", "Secret", "deidentify"]
