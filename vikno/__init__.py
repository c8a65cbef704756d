"""Vikno runs the waiting hall of a public-service centre, live and simulated, by one set of rules.

Its five folders live inside this package because a top-level module called `queue` would collide with the
standard library's.
"""
