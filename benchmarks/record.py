"""What a frame of `record://` costs: milliseconds and bytes of its picture by codec, written and
read back; with --model those of a whole entry (picture, row, arrays, mask), and how far the result
of the picture that comes back agrees with that of the frame.

    python benchmarks/record.py [--source URI] [--frames N] [--model road-nano]
"""

import argparse
import zlib
from itertools import islice
from time import perf_counter, process_time

import cv2
import numpy as np

from catseye.opening import open_model
from catseye.runtime.engines.cpu import cpu_name
from catseye.runtime.evaluation.result_comparison import agreement
from catseye.runtime.frame import Frame
from catseye.runtime.pipeline import result_of
from catseye.runtime.recording.entry import EntryWriter, LogForm
from catseye.runtime.recording.picture import PictureFormat, PictureReader, PictureWriter
from catseye.runtime.sources import open_source
from catseye.runtime.tasks import open_task
from catseye.runtime.timing import StageTimers, percentiles


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


FORMS = (("png", None), ("jpeg", 85), ("jpeg", 60), ("h264", 60), ("h264", 48), ("h264", 40))
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
    parser.add_argument("--model", default="")
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
    if args.model:
        entries(args.model, images)


def entries(model, images):
    """Whole entries, as `record://` writes them."""
    opened = open_model(model, "onnxruntime")
    task, timers = open_task(opened.card), StageTimers()
    frames = [Frame(image, index, 10**18 + index) for index, image in enumerate(images)]
    results = [result_of(frame, task, opened.engine, timers) for frame in frames]
    print(f"{'entry':14} {'kB/frame':>9} {'CPU p50':>9} {'agreement':>10} {'least':>7}")
    for codec, quality in FORMS:
        writer, reader = PictureWriter(PictureFormat(codec, quality)), PictureReader(codec)
        entry = EntryWriter(LogForm(pictures=PictureFormat(codec, quality)))
        cpu_ms, sizes, agreements = [], [], []
        for frame, result in zip(frames, results):
            begun = process_time()
            messages = entry.messages(frame, result, {"result": result.as_json()})
            cpu_ms.append(1e3 * (process_time() - begun))
            sizes.append(sum(len(message.data) for message in messages))
            height, width = frame.image.shape[:2]
            image = reader.image(writer.message(frame), (width, height))
            again = result_of(frame._replace(image=image), task, opened.engine, timers)
            agreements.append(agreement(type(result), result.arrays(), again.arrays()))
        print(
            f"{codec + (f' {quality}' if quality else ''):14} {np.mean(sizes) / 1e3:9.0f}"
            f" {np.median(cpu_ms):9.2f} {np.mean(agreements):10.4f} {min(agreements):7.4f}"
        )


if __name__ == "__main__":
    main()
