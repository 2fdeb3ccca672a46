"""Coders of pictures that this project does not bring: found where they are installed, driven here.

Knows libraries and their settings; not what a picture shows nor where its bytes go.
"""
