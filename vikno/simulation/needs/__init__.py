"""How many people with which skills each quarter of an hour needs, so that waits keep to the target.

offered      how much work is in the hall by itself: the offered load of a day that changes
erlang       how many windows that takes, by formula: a first guess
profiles     what sets of skills there are
least        the fewest people who meet the needs of all skills together, nobody counted twice
cells        for whom the target must hold, and whether it surely does
lived        days with these people, simulated
search       needs raised where people wait and lowered where they do not, until no one can be spared
staff        all of it for a day; results: as it is told
"""
