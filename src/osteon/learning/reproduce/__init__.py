"""``osteon reproduce``: train the recipes of a paper, measure them as the clinic reads, and print the paper's tables.

OUT/
  data/                        phantoms, where no data were given
  cache/                       decoded images
  runs/<variant>-<seed>-<key>/ run, bundle.osteon, evaluation, done.json; the key is a hash of all that moves the result
  plots/, report.html, report.md, report.json

``plan`` says what is to be done, ``work`` does one run, ``jobs`` does them all, ``results`` gathers what is done, ``versus``
compares, ``tables`` and ``report`` write it down.
"""
