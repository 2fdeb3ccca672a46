"""Seeded damage: files of every kind broken at random, and what the program says to them.

Nothing broken is kept: each case is made from a whole file and a seed when it runs, in a process of
its own (worker.py), because broken graphs can end the process that reads them.
tests/test_mutations.py asks for a few hundred cases, benchmarks/mutations.py for ten thousand.

    breaking.py   bytes, JSON, arrays and the card of a model file, broken by a random generator
    hearing.py    a call's exit code, its words on stderr, its memory, and what they come to
    kinds.py      the kinds of damage, each with its share of the tries
    models.py, checkpoints.py, engine_files.py, recordings.py, programs.py   the kinds themselves
    worker.py     the process that runs cases
    campaign.py   many cases through a worker, counted
"""
