"""One file per door; what they share is in `visit.py`."""
