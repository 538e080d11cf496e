"""The native plugin: the engine's own protocol, served over `resources`. It never loads the Pulumi SDK."""
