"""What the reading room keeps: tables by SQLAlchemy, files beside them."""
