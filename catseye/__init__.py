"""Catseye: train a small perception network, export it, carry one file to a Jetson, and see the road masked."""

__version__ = "0.1.0"
