"""A hall file from what happened: every number with how sure it is."""
