"""``osteon search``: which settings of a recipe do best on the validation part.

    space.py     what is tried, from the recipe, from the command line, or by a rule for recipes without a stated space
    plan.py      everything that a search is made of, and the key by which the same command finds it again
    store.py     the database of trials, shared by all workers
    standing.py  which trials count, which were lost and are tried again
    sampler.py   which point a trial takes
    trial.py     one trial: a run that is stopped early where it does poorly
    worker.py    a process that does trials until none is left
    conduct.py   starts the workers, brings back what a dead one left, and tells how it goes
    result.py    the best settings, the table, the importances; plots.py, page.py and write.py show them

The test part of the data is never read by any of it.
"""
