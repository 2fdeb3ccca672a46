"""One row a task: what its training can be told on the command line, and the recipe that comes of
it; no torch before a recipe is made."""
