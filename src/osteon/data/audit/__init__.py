"""The audit of a dataset: defects that would invalidate a model or a result, found before training."""

from osteon.data.audit.problem import HEADINGS, SEVERITIES, Audit, Problem, Severity
from osteon.data.audit.run import CHECKS, audit

__all__ = ["CHECKS", "HEADINGS", "SEVERITIES", "Audit", "Problem", "Severity", "audit"]
