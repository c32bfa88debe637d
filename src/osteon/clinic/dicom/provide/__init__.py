"""What the store holds, given to peers that may search it: C-FIND, C-MOVE and C-GET as provider."""
