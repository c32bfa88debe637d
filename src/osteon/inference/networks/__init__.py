"""The networks of a bundle, run by ONNX Runtime."""
