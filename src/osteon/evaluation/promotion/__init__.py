"""Figures of a candidate beside the live bundle, on the same images: what a promotion rests on."""
