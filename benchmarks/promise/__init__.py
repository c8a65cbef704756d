"""The whole promise: an office as such offices work, against the same people with all that Vikno does."""
