"""People, devices and tokens: who they are, how they prove it, and until when they are believed."""
