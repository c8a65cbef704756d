"""The hall under a simulated clock, and a simulated public for a live one: the same visitors for both."""
