"""Predictions as tables: columns, classes, boxes, pooling."""
