"""DICOMweb (PS3.18): STOW-RS, QIDO-RS and WADO-RS of what the store holds."""
