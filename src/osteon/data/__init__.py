"""Tables of cases: one reader per dataset, audit, splits, conversion, and the phantom simulator."""
