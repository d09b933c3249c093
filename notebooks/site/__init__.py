"""The server of the apps."""
