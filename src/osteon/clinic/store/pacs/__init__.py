"""What the DICOM node keeps in the database: receipts, quarantine, outbox."""
