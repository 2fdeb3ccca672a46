#!/bin/sh
# A new image on all boards of one L4T, and back to the one before where they are not well with it.
#   ./rollout.sh ghcr.io/OWNER/catseye:r36-v2 [r36 [TIMEOUT]]
set -eu
image=$1 set_of=daemonset/catseye-${2:-r36} timeout=${3:-60m}

kubectl -n catseye set image "$set_of" "*=$image"
if ! kubectl -n catseye rollout status "$set_of" --timeout="$timeout"; then
    kubectl -n catseye get pods -o wide
    kubectl -n catseye rollout undo "$set_of"
    kubectl -n catseye rollout status "$set_of" --timeout="$timeout"
    echo "not well with $image: back to the one before" >&2
    exit 1
fi
