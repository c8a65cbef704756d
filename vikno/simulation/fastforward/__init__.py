"""Fast-forward: days of a hall, compiled, for what needs millions of simulated visitors.

The twin is the truth; this copies its semantics for the policies that are a table of weights, and tests hold
the two together ticket by ticket, window by window, minute by minute. It covers what dispatch needs: skills,
factors, patience, no-shows, full halls, breaks, closing, the bound on starvation. It knows no second legs.
"""
