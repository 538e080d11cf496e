"""What each endpoint does. One subject a module."""
