"""Who will come: visitors by service and quarter of an hour in the coming weeks, from those who came before.

- counts: who came, as days by kinds of visit by quarters of an hour
- sources, visitors_file: that table from a journal, from snapshots, from a CSV
- calendar, calendar_file: what a day is, and what the site says of it
- features: a day as numbers
- shrunk: counts explained by numbers, as far as the record bears it out
- days, profiles: how many come on a day, and when in the day
- bands: how far off that may be
- expectation: all of it together; backtest: how well it would have done
- forecast: as it is told and kept; day_plan: a day of it as a hall
"""
