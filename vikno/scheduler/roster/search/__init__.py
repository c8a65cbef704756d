"""How a roster is found: whole tours of people, priced by dynamic programming, joined by linear programs."""

from vikno.scheduler.roster.search.answer import Progress, Solved, Status
from vikno.scheduler.roster.search.solve import solve

__all__ = ["Progress", "Solved", "Status", "solve"]
