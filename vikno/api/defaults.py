"""What the command line and the server take when nobody says otherwise. Imports nothing: --help is quick."""

DEFAULT_POLICY = "optimized"
"""Who is called next, in live halls and simulated ones."""
