"""Picture files: the one reader of pictures for everything that takes some, from training to `run`.

`formats` tells from a file's first bytes what it holds, before anything is decoded; `reading` gives
its pixels, upright as people see them. The one reader of masks, `datasets/mask_file.py`, shares
what is known here of PNG. Knows bytes and arrays; neither frames nor data sets.
"""
