"""A simulated public for a live hall: visitors who come, wait and leave, and clerks at every window.

They use the doors that everybody uses: one stream to see the hall (stream.py, mirror.py, clock.py) and HTTP
to act in it (doors.py). Visitors (visitors.py) and clerks (clerk.py) decide by what they see, so a person
in a browser may take a ticket or work at a window among them. crowd.py brings them together.
"""
