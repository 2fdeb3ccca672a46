"""Precision: FP16 and INT8 forms of a model file, what they cost, and which boards can read them.

calibration (frames) -> ranges -> int8, or overflow -> fp16; acceptance publishes what agrees with
the source; bisection finds the layers that must stay float where it does not. Every graph here is a
float graph at heart: the tensor names of the source are kept, so that two precisions of one model
can be compared layer by layer.
"""
