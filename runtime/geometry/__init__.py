"""From pixels to metres: the camera's model, the ground under it, and the road's corridor on that.

Vehicle coordinates as in ISO 8855 and ROS REP 103: x ahead, y to the left, z up, in metres; the
origin is on the ground, in the middle of the vehicle, below the camera. Angles in radians, positive
to the left. Knows flat ground and one camera; not what a mask's classes mean, nor who steers.
"""
