"""A camera's model from its own pictures: the lens by a board, pitch, roll and bonnet by a drive.

Knows pictures and masks; not where they come from, nor how they are asked for.
"""
