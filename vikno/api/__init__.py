"""The doors: HTTP, WebSocket, pages and command line; and the one place that wires everything."""
