"""Rosters: the published instances, and a made hall of 60 people."""
