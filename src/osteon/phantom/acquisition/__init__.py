"""The X-ray tube, the detector, and what they leave on an image."""
