"""What whoever runs a server does with its database: back it up, restore, move, check, look after it."""
