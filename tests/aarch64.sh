#!/bin/sh
# `make test-aarch64`: the packed program, and the board's tests, as a board's processor runs them, under qemu-user.
#
# Needs qemu-user 10 (Debian 13, or bookworm-backports: under 7.2 onnxruntime ends by signal 11) and mmdebstrap, and the
# machine's own apt and pip settings; CATSEYE_QEMU names another qemu-aarch64. What it makes stays in .aarch64/ (460 MB):
# Debian's Python for arm64, wheels for it, and `python3`, which runs both on the core that CATSEYE_CORE names: the one
# of a TX1 (cortex-a57), or one with half arithmetic as Xavier, Orin and Thor have (neoverse-n1). TensorRT is not in it,
# nor is any speed: `run` of one frame costs 45 s of a core instead of 1.5.
set -eu
cd "$(dirname "$0")/.."
HERE=$PWD/.aarch64
ROOT=$HERE/root
QEMU=${CATSEYE_QEMU:-$(command -v qemu-aarch64 || command -v qemu-aarch64-static || true)}
WHEELS="numpy opencv-python-headless onnxruntime==1.32.0 pytest"

version=$([ -z "$QEMU" ] || "$QEMU" --version | sed -n 's/^qemu-aarch64 version \([0-9]*\).*/\1/p')
if [ "${version:-0}" -lt 10 ] || ! command -v mmdebstrap >/dev/null; then
    echo "catseye: qemu-aarch64 ${version:-none}; expected 10 or later, and mmdebstrap; run: apt-get install qemu-user" \
        "mmdebstrap (Debian 12: -t bookworm-backports)" >&2
    exit 2
fi

if [ ! -e "$HERE/ready" ]; then
    rm -rf "$HERE"
    mkdir -p "$HERE"
    . /etc/os-release
    sources=/etc/apt/sources.list.d/debian.sources
    [ -e $sources ] || sources=/etc/apt/sources.list
    mmdebstrap --quiet --architectures=arm64 --variant=extract \
        --include=python3-minimal,libpython3-stdlib,libstdc++6,libgomp1 "$VERSION_CODENAME" "$ROOT" $sources
    version=$(basename "$(ls "$ROOT"/usr/bin/python3.*)")
    .venv/bin/pip install --quiet --disable-pip-version-check --target "$HERE/site" --only-binary=:all: \
        --python-version "${version#python}" --platform manylinux2014_aarch64 --platform manylinux_2_17_aarch64 \
        --platform manylinux_2_27_aarch64 --platform manylinux_2_28_aarch64 $WHEELS
    cat >"$HERE/python3" <<END
#!/bin/sh
export PYTHONPATH="\${PYTHONPATH:+\$PYTHONPATH:}$HERE/site" OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
exec "$QEMU" -cpu "\${CATSEYE_CORE:-cortex-a57}" -L "$ROOT" "$ROOT/usr/bin/$version" "\$@"
END
    chmod +x "$HERE/python3"
    # what starts another Python must start it emulated too
    echo "import sys; sys.executable = '$HERE/python3'" >"$HERE/site/sitecustomize.py"
    touch "$HERE/ready"
fi

# the same .pyz here and there: masks, verify, doctor, version, service; an emulated speed would tell nothing
export CATSEYE_BOARD_PYTHON=$HERE/python3
.venv/bin/pytest tests/test_old_python.py -k "not bench" "$@"
CATSEYE_CORE=neoverse-n1 .venv/bin/pytest tests/test_old_python.py -k "verify or half" "$@"
# what needs neither torch nor onnx nor a browser
PYTHONPATH=$PWD "$HERE/python3" -m pytest -p no:cacheprovider tests/jetson --ignore tests/jetson/ros2 \
    tests/runtime/tasks/test_road.py tests/runtime/tasks/test_letterbox.py tests/runtime/recording \
    tests/runtime/model_file/test_golden.py tests/runtime/health/test_frame_quality.py tests/runtime/test_pipeline.py \
    tests/runtime/sinks/test_video.py "$@"
