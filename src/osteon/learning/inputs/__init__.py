"""From a table of cases to what a network is shown."""
