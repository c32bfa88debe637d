"""Whether a reading room still sees what its bundle was made for: observations, a reference, a watch, and what it found."""
