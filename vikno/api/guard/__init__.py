"""What stands before the doors: who may knock, how often, how slowly, and what every answer says.

Nothing here knows of halls. `front` says under which names the server is met and who forwards to it;
`connection` limits what comes in, `crowd` how many, `rates` how often; `headers` marks what goes out.
"""
