"""The database of trials: a file in the folder of the search, or a server that several machines reach."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import optuna
import sqlalchemy as sql
from optuna.exceptions import ExperimentalWarning, StorageInternalError
from optuna.pruners import MedianPruner, NopPruner
from optuna.storages import RDBStorage
from optuna.study import Study
from optuna.trial import FrozenTrial
from sqlalchemy.event import listen
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from osteon.core.errors import StoreError
from osteon.learning.search.plan import Search
from osteon.learning.search.sampler import RankSampler
from osteon.learning.search.standing import bring_back

PATIENCE: Final = 60
"""Seconds that a process waits for another one that is writing."""

GRACE: Final = 4
"""Heartbeats that may be missed before a trial counts as lost."""


def local(out: Path) -> str:
    """URL of the database in the folder of a search."""
    return f"sqlite:///{(out / 'study.db').resolve()}"


def shown(url: str) -> str:
    """A URL without its password, to be printed.

    Raises:
        StoreError: it is not a URL.
    """
    try:
        return sql.make_url(url).render_as_string(hide_password=True)
    except ArgumentError as error:
        raise StoreError(
            "the storage is not a URL of a database",
            expected="e.g. postgresql://user:password@host/database or sqlite:////folder/study.db",
        ) from error


def open_study(search: Search) -> Study:
    """The study of a search, which is created if need be.

    Raises:
        StoreError: the database cannot be opened.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    epochs = sum(phase.epochs for phase in search.recipe.phases)
    pruner = MedianPruner(n_startup_trials=4, n_warmup_steps=epochs // 4) if search.prune else NopPruner()
    try:
        storage = _storage(search.storage, search.beat, bring_back)
        former = search.former_name in optuna.get_all_study_names(storage)
        return optuna.create_study(
            storage=storage,
            study_name=search.former_name if former else search.name,
            direction="maximize" if search.recipe.selection.mode == "max" else "minimize",
            sampler=RankSampler(search.points(), search.seed),
            pruner=pruner,
            load_if_exists=True,
        )
    except (SQLAlchemyError, StorageInternalError) as error:
        raise StoreError(f"the database {shown(search.storage)} cannot be opened", got=type(error).__name__) from error


def _storage(url: str, beat: int, lost: Callable[[Study, FrozenTrial], None]) -> RDBStorage:
    file = shown(url).startswith("sqlite")
    options: dict[str, Any] = {"connect_args": {"timeout": PATIENCE, "isolation_level": None}} if file else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)  # heartbeats are called experimental since version 2.9
        try:
            storage = RDBStorage(
                url,
                engine_kwargs=options,
                heartbeat_interval=beat,
                grace_period=GRACE * beat,
                heartbeat_stale_trial_callback=lost,
            )
        except ImportError as error:
            raise StoreError(
                f"the driver of the database {shown(url)} is not installed", hint="E.g. pip install psycopg2-binary"
            ) from error
    if file:
        # One transaction at a time, from its first read on: otherwise two workers could take the same trial.
        listen(storage.engine, "begin", _alone)
    return storage


def _alone(connection: sql.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
