"""Tables of cases: a parser per dataset, audit, duplicates, splits and conversion."""
