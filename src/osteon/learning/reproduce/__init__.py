"""``osteon reproduce``: train the recipes of a paper, evaluate them as deployed, and print the paper's tables with ours.

OUT/
  data/                        phantoms, where no data were given
  cache/                       decoded images
  runs/<variant>-<seed>-<key>/ run, bundle.osteon, evaluation, done.json; the key is a hash of all that changes the result
  plots/, report.html, report.md, report.json

``planning`` lists the runs, ``jobs`` does them, ``results`` gathers and compares their figures, ``report`` writes them down.
"""
