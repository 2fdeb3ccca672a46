"""Elastic averaging (Zhang, Choromanska, LeCun 2015): workers that train on their own, tied to a
center variable.

rules.py is the mathematics; simulation.py plays it in one process, center.py, service.py and
worker.py in several over the wire of exchange.py, synchronous.py with collectives; train.py is what
the command line calls.
"""
