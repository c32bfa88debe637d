"""What the kinds of DICOM objects share: sources, UIDs, codes, content items, common modules."""
