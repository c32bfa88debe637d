"""The audit log as it is kept."""
