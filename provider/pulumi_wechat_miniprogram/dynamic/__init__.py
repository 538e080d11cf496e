"""The dynamic provider: what a program imports (`resources`) and what the engine runs (`provider`)."""
