#!/usr/bin/env bash
# Builds the image with what pins.env says, by docker, podman or buildah: runner-image/build.sh TAG [more arguments]
set -euo pipefail

cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
readonly TAG="${1:?usage: runner-image/build.sh TAG [more arguments for the build]}"
readonly PINS="${PINS:-runner-image/pins.env}"

if [[ ! -f "$PINS" ]]; then
  echo "build: error: there is no $PINS: make it with runner-image/checksums.sh, look at it, and commit it" >&2
  exit 3
fi
arguments=()
while IFS= read -r line; do
  [[ -z "$line" || "$line" == \#* ]] || arguments+=(--build-arg "$line")
done <"$PINS"

# A health check is no part of OCI's own format, which the others write unless told.
format() { [[ "$1" == docker ]] || printf '%s\n' --format docker; }

for engine in ${ENGINE:-docker podman buildah}; do
  if command -v "$engine" >/dev/null; then
    mapfile -t format < <(format "$engine")
    exec "$engine" build "${format[@]}" --file runner-image/Dockerfile --tag "$TAG" "${arguments[@]}" "${@:2}" .
  fi
done
echo "build: error: none of docker, podman, buildah is on the PATH" >&2
exit 3
