"""Many stacks as one fleet: the manifest, the unit of work, and the engine that runs many of them."""
