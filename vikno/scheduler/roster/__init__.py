"""Who works when: rosters that cover the day, keep the contracts and are fair."""
