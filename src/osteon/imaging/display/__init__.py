"""From stored samples to what is displayed: LUTs, windows, palettes, colour."""
