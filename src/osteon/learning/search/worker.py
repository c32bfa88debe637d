"""A process that does trials until none is left; any number of them, on any machines, share a database."""

from __future__ import annotations

import sys
import time
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from optuna.study import Study

from osteon.core.errors import OsteonError
from osteon.learning.compute.worker_process import end_with_parent, log_to_file
from osteon.learning.search.plan import Search
from osteon.learning.search.standing import recover_silent, standing
from osteon.learning.search.store import open_study
from osteon.learning.search.trial import OWN_FAULT, SurplusError, run_trial

INTERRUPTED: Final = 130
"""Exit code of a process that the user stopped."""


def serve(search: Search, pipe: Connection, log: Path) -> None:
    """Do trials in a process of its own; an error that ends it is sent through the pipe as text."""
    end_with_parent()
    log_to_file(log)
    try:
        work(search, open_study(search))
    except OsteonError as error:
        pipe.send(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def work(search: Search, study: Study) -> None:
    """Do trials until enough have ended, counting those of other workers.

    A worker does not end earlier: a trial that is lost at the very end needs one.

    Raises:
        OsteonError: an error that does not depend on the point.
    """
    while True:
        now = standing(study.get_trials(deepcopy=False))
        if now.taken < search.trials:
            study.optimize(partial(run_trial, search, study), n_trials=1, catch=(SurplusError, *OWN_FAULT))
        elif now.running:
            time.sleep(min(search.beat, 2))
            recover_silent(study)
        else:
            return
