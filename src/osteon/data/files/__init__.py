"""Files of a dataset: found, read, written, unpacked, downloaded."""
