"""Telling the person on call: what an alert says, and posting it to a webhook."""
