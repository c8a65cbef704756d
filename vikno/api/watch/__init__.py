"""How a running server is watched: what it counts, what it logs, whether it is ready."""
