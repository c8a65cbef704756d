"""What a server needs of its machine, its database and the way to it, looked at one by one."""
