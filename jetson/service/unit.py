"""The systemd unit under which a board runs Catseye: text from a few settings. Installs nothing
(service.py).

One text does from TX1 to Thor: what systemd 237 (Ubuntu 18.04, JetPack 4) does not know it names
in the journal and goes on without; the four are marked. What CUDA forbids is not there: no
MemoryDenyWriteExecute (its compiler writes code), no PrivateDevices, /sys stays readable. System
calls are a list of what is denied, with an error instead of a signal: lists of what is allowed
differ from one systemd to the next, and CUDA and Argus ask for more than any of them says. Left
allowed: @resources (affinity and priorities of threads, memory policy of CUDA) and @memlock (pinned
memory).
"""

from typing import NamedTuple, Sequence, Tuple

USER = "catseye"
STATE = "/var/lib/catseye"  # the working folder: relative sinks land here
CACHE = "/var/cache/catseye"  # engines; survives an upgrade of the program
START_S = 1800  # the first start builds an engine, which takes a Nano many minutes
CSI = "csi://"

# classes of character devices, by their names in /proc/devices: whatever a JetPack calls the nodes
DEVICE_CLASSES = ("char-video4linux", "char-nvhost*", "char-nvidia*", "char-nvgpu*", "char-drm")
# nodes that share a class with things that are nobody's business
DEVICE_NODES = ("/dev/nvmap", "/dev/host1x-fence", "/dev/nvsciipc")

# groups of system calls that neither Python, OpenCV, CUDA nor a camera needs
DENIED = (
    "@clock", "@cpu-emulation", "@debug", "@keyring", "@module", "@mount", "@obsolete", "@raw-io",
    "@reboot", "@swap",
)  # fmt: skip

UNIT = """\
# Written by `catseye service install`; `catseye service remove` takes it away again.
[Unit]
Description=Catseye, {name}
After=network-online.target nvargus-daemon.service nvpmodel.service
Wants=network-online.target
StartLimitIntervalSec=300
StartLimitBurst=5

[Service]
Type=notify
NotifyAccess=main
ExecStart={command}
WatchdogSec={watchdog_s}
TimeoutStartSec={start_s}
TimeoutStopSec=20
KillMode=mixed
Restart=on-failure
RestartSec=5

User={user}
Group={user}
SupplementaryGroups={groups}
WorkingDirectory={state}
StateDirectory=catseye
CacheDirectory=catseye
Environment=HOME={state} XDG_CACHE_HOME={cache} CATSEYE_CACHE={cache}
Environment=PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
{secrets}UMask=0027

MemoryMax=80%
TasksMax=256
LimitNOFILE=4096
LimitCORE=0

NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ReadWritePaths={writable}
ProtectHome={protect_home}
PrivateTmp={private_tmp}
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
# from systemd 242 to 245 on
ProtectKernelLogs=yes
ProtectClock=yes
ProtectHostname=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK{bus}
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter={denied}
SystemCallErrorNumber=EPERM
DevicePolicy=closed
{devices}

StandardOutput=journal
StandardError=journal
SyslogIdentifier={name}

[Install]
WantedBy=multi-user.target
"""


class UnitSettings(NamedTuple):
    """What a unit is made of.

    name: the unit's, without .service.  program: the words that start catseye.  arguments: of
    `run`, model included. groups: those of video and render that this system has.  writable:
    folders beyond the state and cache folders.  secrets: the file of the variables that env://NAME
    among the arguments names, "" for none.
    """

    name: str
    program: Tuple[str, ...]
    arguments: Tuple[str, ...]
    groups: Tuple[str, ...]
    writable: Tuple[str, ...] = ()
    watchdog_s: int = 30
    user: str = USER
    secrets: str = ""


def unit_text(settings: UnitSettings) -> str:
    """The unit file."""
    words = settings.program + ("run",) + settings.arguments
    return UNIT.format(
        name=settings.name,
        bus=" AF_CAN" if any("can://" in word for word in settings.arguments) else "",
        command=" ".join(map(quoted, words)),
        watchdog_s=settings.watchdog_s,
        start_s=START_S,
        user=settings.user,
        groups=" ".join(settings.groups),
        state=STATE,
        cache=CACHE,
        writable=" ".join(map(quoted, settings.writable)),
        protect_home=_protect_home(settings.program + settings.arguments + settings.writable),
        secrets="EnvironmentFile=%s\n" % quoted(settings.secrets) if settings.secrets else "",
        denied="~" + " ".join(DENIED),
        private_tmp=_private_tmp(settings.arguments),
        devices="\n".join("DeviceAllow=%s rw" % device for device in DEVICE_CLASSES + DEVICE_NODES),
    )


def quoted(word: str) -> str:
    """One word as systemd reads it: nothing in it is a specifier, a variable or an escape."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    escaped = "".join(
        letter if letter.isprintable() else "".join("\\x%02x" % byte for byte in letter.encode())
        for letter in escaped
    )
    plain = word and all(letter.isalnum() or letter in "/._-:=+,@%" for letter in word)
    return escaped if plain else '"%s"' % escaped


def _protect_home(paths: Sequence[str]) -> str:
    """Homes are hidden, unless the program itself, or a file that it is to read, lies in one."""
    return "read-only" if any(path.startswith(("/home/", "/root/")) for path in paths) else "yes"


def _private_tmp(arguments: Sequence[str]) -> str:
    """CSI cameras are reached by a socket in /tmp, which the camera daemon makes anew when it
    restarts."""
    return "no" if any(CSI in word for word in arguments) else "yes"
