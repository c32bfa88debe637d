"""Annotations from and to other formats: reports of each read, and files whose annotations a reader continues."""
