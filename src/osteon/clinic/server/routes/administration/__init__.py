"""For administrators: accounts and keys, the audit log, storage."""
