"""What the engine asks of each resource, answered in plain values: one answer for every face."""
