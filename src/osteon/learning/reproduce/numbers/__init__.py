"""Every number of a paper with its place, and ours or the reason why there is none.

evidence.py   figures of finished reproductions that come with Osteon
collect.py    all numbers of a paper as one table of claims
page.py       paper and product side by side, in Markdown
"""
