"""How many people with which skills each quarter of an hour needs, so that waits keep to the target.

- offered: how much work is in the hall by itself, the offered load of a day that changes
- erlang: how many windows that takes, by formula; a first guess
- profiles: what sets of skills there are
- least: the fewest people who meet the needs of all skills together, nobody counted twice
- cells: for whom the target must hold, and whether it surely does
- absent, lived, serving: days with these people, simulated; how those who are not there are played
- search: people added where somebody waits and taken away where nobody does, until no one can be spared
- staff: all of it for a day; results: as it is told
"""
