"""Learning the dispatch of one hall: its table of weights, searched by living simulated days of that hall."""
