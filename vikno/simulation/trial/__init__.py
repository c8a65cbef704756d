"""Rosters on trial: lived by the twin before anybody works them.

`hall` makes a hall of each day of a roster, `lived` lives such halls many times, `trial` holds two rosters
against each other on the very same visitors.
"""
