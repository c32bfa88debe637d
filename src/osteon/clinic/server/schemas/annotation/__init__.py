"""Bodies of annotation; records of ``osteon.clinic.annotation`` are sent as they are where who asks may see all of them."""
