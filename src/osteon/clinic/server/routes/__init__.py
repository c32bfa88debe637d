"""Routes by matter: those of studies, of administration, of login; and what needs no room of its own."""
