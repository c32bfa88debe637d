"""A round of improvement: from what readers decided to a candidate and its comparison with the live bundle."""
