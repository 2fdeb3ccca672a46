"""What a lossless frame of `record://` costs by codec: milliseconds and bytes per frame, written and read back.

    python benchmarks/record.py [--source URI] [--frames N]
"""

import argparse
import zlib
from itertools import islice
from time import perf_counter

import cv2
import numpy as np

from catseye.runtime.engines.cpu import cpu_name
from catseye.runtime.metrics import percentiles
from catseye.runtime.sources import open_source


def png(level, strategy):
    options = [cv2.IMWRITE_PNG_COMPRESSION, level, cv2.IMWRITE_PNG_STRATEGY, strategy]
    return (lambda image: cv2.imencode(".png", image, options)[1].tobytes(),
            lambda data, image: cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR))


def raw(level):
    return (lambda image: zlib.compress(image.tobytes(), level),
            lambda data, image: np.frombuffer(zlib.decompress(data), np.uint8).reshape(image.shape))


CODECS = {
    "raw": (lambda image: image.tobytes(), lambda data, image: np.frombuffer(data, np.uint8).reshape(image.shape)),
    "raw + zlib 1": raw(1),
    "png 1 default": png(1, cv2.IMWRITE_PNG_STRATEGY_DEFAULT),
    "png 1 rle": png(1, cv2.IMWRITE_PNG_STRATEGY_RLE),
    "png 1 huffman": png(1, cv2.IMWRITE_PNG_STRATEGY_HUFFMAN_ONLY),
    "png 3 default": png(3, cv2.IMWRITE_PNG_STRATEGY_DEFAULT),
    "webp lossless": (lambda image: cv2.imencode(".webp", image, [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes(),
                      lambda data, image: cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", default="synthetic://road?seed=1&size=640x360")
    parser.add_argument("--frames", type=int, default=30)
    args = parser.parse_args()
    with open_source(args.source) as source:
        images = [frame.image for frame in islice(source, args.frames)]
    height, width = images[0].shape[:2]
    print("%s, OpenCV %s, %d threads, %d frames of %dx%d from %s, after 1 to warm up" % (
        cpu_name(), cv2.__version__, cv2.getNumThreads(), len(images), width, height, args.source))
    print("%-14s %9s %9s %9s %9s %9s" % ("codec", "kB/frame", "write p50", "p95", "p99", "read p50"))
    for name, (encode, decode) in CODECS.items():
        encode(images[0])
        write_ms, read_ms, sizes = [], [], []
        for image in images:
            begun = perf_counter()
            data = encode(image)
            encoded = perf_counter()
            again = decode(data, image)
            write_ms.append(1e3 * (encoded - begun))
            read_ms.append(1e3 * (perf_counter() - encoded))
            sizes.append(len(data))
            assert np.array_equal(again, image), name
        p = percentiles(write_ms)
        print("%-14s %9.0f %9.2f %9.2f %9.2f %9.2f" % (
            name, np.mean(sizes) / 1e3, p["p50"], p["p95"], p["p99"], percentiles(read_ms)["p50"]))


if __name__ == "__main__":
    main()
