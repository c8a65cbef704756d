"""The journal: every event of every hall, append-only, synced before anybody is answered."""
