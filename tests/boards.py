"""Views of a board through a lens that is known: each pixel's ray, met with the board."""

import cv2
import numpy as np


def rays_of(lens):
    """(H * W, 3): of every pixel, at twice the resolution for smooth edges."""
    width, height = lens.size_wh
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    pixels = np.stack([columns.ravel(), rows.ravel()], axis=1).astype(float)
    return lens.rays_from_pixels(pixels)


def poses(count, seed=0):
    """[(turn (3,), place (3,))]: the board's, tilted to all sides, in all parts of the view."""
    rng = np.random.default_rng(seed)
    spots = [(x, y) for y in (-0.24, 0.0, 0.24) for x in (-0.36, -0.12, 0.12, 0.36)]
    found = []
    for index in range(count):
        x, y = spots[index % len(spots)]
        far = rng.uniform(0.7, 1.0)
        turn = rng.uniform(-0.5, 0.5, 3) * (1, 1, 0.4)
        found.append((turn, np.array([x * far, y * far, far])))
    return found


def view_of(texture, board_wh_m, lens, rays, pose):
    """(H, W, 3) uint8: a grey picture of a board's texture in grey surroundings."""
    turn, place = pose
    rotation = cv2.Rodrigues(np.asarray(turn, float))[0]
    normal = rotation[:, 2]
    with np.errstate(all="ignore"):
        far = place.dot(normal) / rays.dot(normal)
    on_board = (rays * far[:, None] - place).dot(rotation)[:, :2]
    scale = np.array(texture.shape[1::-1]) / board_wh_m
    places = (on_board + np.array(board_wh_m) / 2) * scale - 0.5
    places = np.where((far > 0)[:, None], places, -100).astype(np.float32)
    width, height = lens.size_wh
    maps = (places[:, axis].reshape(height, width) for axis in (0, 1))
    image = cv2.remap(texture, *maps, cv2.INTER_LINEAR, borderValue=120)
    return cv2.cvtColor(cv2.GaussianBlur(image, (3, 3), 0.6), cv2.COLOR_GRAY2BGR)


def chessboard(columns, rows, square_px=40):
    """The texture of a board with so many inner corners, and a white margin of one square; its
    width and height in squares."""
    across, down = columns + 3, rows + 3
    texture = np.full((down * square_px, across * square_px), 245, np.uint8)
    for row in range(rows + 1):
        for column in range(columns + 1):
            if (row + column) % 2 == 0:
                y, x = (row + 1) * square_px, (column + 1) * square_px
                texture[y : y + square_px, x : x + square_px] = 15
    return texture, (across, down)
