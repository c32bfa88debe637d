"""Annotation formats: COCO, VOC, YOLO, and the names of classes and parts."""
