"""Several servers and workers on one store: what they tell each other, and who does what is done once for all."""
