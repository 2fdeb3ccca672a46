"""The names of this machine alone: what listens at any other host wants a token."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")
