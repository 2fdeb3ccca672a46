"""Optimizers that torch has not: each takes a closure and keeps all its state in `state_dict`."""
