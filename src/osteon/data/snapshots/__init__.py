"""Snapshots of annotation projects as datasets: a table, its images, and a split that leaks no patient."""
