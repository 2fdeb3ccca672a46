"""The parts of the road recipe: its data sets, how they are drawn from, the teacher's answers and
the losses."""
