"""Honest waits: from the state of this minute, when everybody waiting will probably be called.

The rest of the day is lived a few hundred times by the compiled kernel, under the hall's own policy, each
time with other durations, other people still to come, another guess of how busy today is. What a visitor is
told is the range in which eight in ten of these days call them.
"""
