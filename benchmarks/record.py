"""What a lossless frame of `record://` costs by codec: milliseconds and bytes per frame, written
and read back.

    python benchmarks/record.py [--source URI] [--frames N]
"""

import argparse
import zlib
from itertools import islice
from time import perf_counter

import cv2
import numpy as np

from catseye.runtime.engines.cpu import cpu_name
from catseye.runtime.sources import open_source
from catseye.runtime.timing import percentiles


def png(level, strategy):
    options = [cv2.IMWRITE_PNG_COMPRESSION, level, cv2.IMWRITE_PNG_STRATEGY, strategy]
    return (
        lambda image: cv2.imencode(".png", image, options)[1].tobytes(),
        lambda data, image: cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR),
    )


def raw(level):
    return (
        lambda image: zlib.compress(image.tobytes(), level),
        lambda data, image: np.frombuffer(zlib.decompress(data), np.uint8).reshape(image.shape),
    )


CODECS = {
    "raw": (
        lambda image: image.tobytes(),
        lambda data, image: np.frombuffer(data, np.uint8).reshape(image.shape),
    ),
    "raw + zlib 1": raw(1),
    "png 1 default": png(1, cv2.IMWRITE_PNG_STRATEGY_DEFAULT),
    "png 1 rle": png(1, cv2.IMWRITE_PNG_STRATEGY_RLE),
    "png 1 huffman": png(1, cv2.IMWRITE_PNG_STRATEGY_HUFFMAN_ONLY),
    "png 3 default": png(3, cv2.IMWRITE_PNG_STRATEGY_DEFAULT),
    "webp lossless": (
        lambda image: cv2.imencode(".webp", image, [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes(),
        lambda data, image: cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR),
    ),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", default="synthetic://road?seed=1&size=640x360")
    parser.add_argument("--frames", type=int, default=30)
    args = parser.parse_args()
    with open_source(args.source) as source:
        images = [frame.image for frame in islice(source, args.frames)]
    height, width = images[0].shape[:2]
    print(
        f"{cpu_name()}, OpenCV {cv2.__version__}, {cv2.getNumThreads()} threads, {len(images)}"
        f" frames of {width}x{height} from {args.source}, after 1 to warm up"
    )
    print(f"{'codec':14} {'kB/frame':>9} {'write p50':>9} {'p95':>9} {'p99':>9} {'read p50':>9}")
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
        write, read = percentiles(write_ms), percentiles(read_ms)
        print(
            f"{name:14} {np.mean(sizes) / 1e3:9.0f} {write['p50']:9.2f} {write['p95']:9.2f}"
            f" {write['p99']:9.2f} {read['p50']:9.2f}"
        )


if __name__ == "__main__":
    main()
