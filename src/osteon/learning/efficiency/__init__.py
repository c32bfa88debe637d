"""What a recipe costs: parameters, multiply-adds, time of a case and of an epoch, memory.

measure.py      the measurements, each made in a process of its own
row.py          the figures of a recipe, put together
"""
