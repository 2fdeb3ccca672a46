"""Several cameras in one run: their names, their opening, and whose frame is next."""
