"""Opening the cameras of a run: all by their names, closed together. Knows addresses and what may
stand beside what; not what is read from them."""

import logging
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Dict, Iterator, Mapping

from catseye.runtime.cameras.awaited import AwaitedSource
from catseye.runtime.errors import CatseyeError, SourceError
from catseye.runtime.recording.mcap import is_recording
from catseye.runtime.sources import Source, is_of_camera, open_source
from catseye.runtime.system.masking import masked
from catseye.runtime.system.named_address import real_address

REPLAY = "replay://"

log = logging.getLogger("catseye")


@contextmanager
def open_cameras(addresses: Mapping[str, str]) -> Iterator[Dict[str, Source]]:
    """{name: source} of these addresses, in their order, open inside the block. A lone recording of
    named cameras without a name stands for them all.

    Of several cameras one that does not open is awaited, as long as another opens. Raises what
    `open_source` raises else, and CatseyeError where two cameras have one live address.
    """
    addresses = {name: real_address(address) for name, address in addresses.items()}
    if list(addresses) == [""]:
        addresses = _cameras_of_recording(addresses[""]) or addresses
    cameras: Dict[str, Source] = {}
    with ExitStack() as stack:
        for name, address in addresses.items():
            for other, source in cameras.items():
                if source.live and addresses[other] == address:
                    raise CatseyeError(
                        "one address for two cameras, %s and %s: %s"
                        % (other, name, masked(address)),
                        "each camera once",
                        "leave one out",
                    )
            cameras[name] = stack.enter_context(_opened(address, len(addresses) > 1))
        awaited = [source for source in cameras.values() if isinstance(source, AwaitedSource)]
        if awaited and len(awaited) == len(cameras):
            raise awaited[0].why
        for name, source in cameras.items():
            if isinstance(source, AwaitedSource):
                log.warning("camera %s is awaited, the others begin: %s", name, source.why)
        yield cameras


def _cameras_of_recording(address: str) -> Dict[str, str]:
    """Addresses by name of the cameras of one recording of named ones; {} for all else."""
    if not is_recording(address[len(REPLAY) :] if address.startswith(REPLAY) else address):
        return {}
    # a camera or pictures are opened without what reads recordings
    from catseye.runtime.sources.replay import address_of_camera, cameras_in

    return {name: address_of_camera(address, name) for name in cameras_in(address)}


def _opened(address: str, among_others: bool) -> Source:
    try:
        return open_source(address)
    except SourceError as error:
        if not among_others or not is_of_camera(address):
            raise
        return AwaitedSource(partial(open_source, address), masked(address), error)
