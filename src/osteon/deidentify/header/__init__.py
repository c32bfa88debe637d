"""The header: what is kept, emptied, shifted and cleaned."""
