"""What people see, hear and hold: pages, words and announcements.

It knows the shapes that the doors give out (docs/api.md) and nothing of who asks for
them; the routes that serve what is made here stand in `vikno.api`.
"""
