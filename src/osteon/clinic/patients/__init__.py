"""What may be said of a patient: ages and pseudonyms."""
