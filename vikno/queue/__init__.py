"""The hall: its state, commands, events and rules, pure; and the journal that keeps them (journal/)."""
