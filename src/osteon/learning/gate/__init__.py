"""The gate of a bundle: whether an image is a bone radiograph of an indicated part, told from the network's own features."""
