"""The web page at /_emulator/: HTML made on the server, plain forms, no script."""
