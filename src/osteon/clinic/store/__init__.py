"""The store of the reading room: tables by SQLAlchemy, files beside them."""
