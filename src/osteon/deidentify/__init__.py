"""De-identification: DICOM by PS3.15's basic profile with options, and plain pictures stripped to their pixels.

What is not known to be safe is removed: an attribute stays only if it is on the list of what a radiograph needs
(``kept``), and its value only if it is one of those that the list allows. The standard's own table of actions comes from
dicom-anonymizer, and everything above it (sequences, dates, new UIDs, file meta, overlays, codestreams) is done here.
"""

from osteon.deidentify.file import Cleaned, deidentify
from osteon.deidentify.options import Dates, Options
from osteon.deidentify.secret import Secret

__all__ = ["Cleaned", "Dates", "Options", "Secret", "deidentify"]
