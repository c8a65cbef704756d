"""The report of an experiment: one page with plots, sentences and tables, to be mailed, read and printed."""
