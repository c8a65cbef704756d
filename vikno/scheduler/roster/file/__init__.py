"""The parts of a roster file: days, shifts with their breaks, people with their contracts, cover."""
