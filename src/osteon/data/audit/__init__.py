"""The audit of a dataset: everything in it that would spoil a model or a figure, found before anyone trains on it."""

from osteon.data.audit.problem import HEADINGS, SEVERITIES, Audit, Problem, Severity
from osteon.data.audit.run import CHECKS, audit

__all__ = ["CHECKS", "HEADINGS", "SEVERITIES", "Audit", "Problem", "Severity", "audit"]
