"""One module per verb of the command line; each has `main(argv) -> exit code` and imports only what its verb needs."""
