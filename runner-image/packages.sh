#!/usr/bin/env bash
# What the image needs of the distribution: an init, QEMU's libraries, and a Python that testarena runs on.
#
# Ubuntu 24.04 (ESP-IDF 5.4 and newer) has Python 3.12; 22.04 (5.2, 5.3) has 3.10, and 3.11 beside it; 20.04 (5.1) has
# none that is new enough. The distribution's own python3 stays what it is: ESP-IDF's environment stands on it.
# Which Python it is, /etc/testarena-python says.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

readonly PROGRAMS=(ca-certificates curl git tini util-linux xz-utils)
readonly QEMU_LIBRARIES=(libglib2.0-0 libpixman-1-0 libsdl2-2.0-0 libslirp0)
readonly RUNNER_LIBRARIES=(libkrb5-3 zlib1g) # GitHub's runner, with ICU and OpenSSL below
readonly OLDEST="3, 11"

is_new_enough() { "$1" -c "import sys; sys.exit(sys.version_info < ($OLDEST))" 2>/dev/null; }
is_known() { apt-cache show "$1" >/dev/null 2>&1; }

python_packages() {
  local version
  if command -v python3 >/dev/null && ! is_new_enough python3; then
    for version in 3.13 3.12 3.11; do
      if is_known "python$version-venv"; then
        echo "python$version" "python$version-venv"
        return
      fi
    done
    echo "the base's Python is too old and its distribution has no newer one: take an image of ESP-IDF 5.2 or newer" >&2
    return 1
  fi
  echo python3 python3-venv
}

find_python() {
  local name
  for name in python3 python3.13 python3.12 python3.11; do
    if is_new_enough "$name"; then
      command -v "$name"
      return
    fi
  done
  echo "no Python of version $OLDEST or newer in the base" >&2
  return 1
}

# The newest of a library whose package name holds its version.
newest() { apt-cache --names-only search "$1" | cut -d ' ' -f 1 | sort --version-sort | tail -n 1; }

apt-get update -qq
python="$(python_packages)"
# shellcheck disable=SC2086 # a list of names
apt-get install -qq -y --no-install-recommends "${PROGRAMS[@]}" "${QEMU_LIBRARIES[@]}" "${RUNNER_LIBRARIES[@]}" \
  "$(newest '^libicu[0-9]+$')" "$(newest '^libssl[0-9.]+(t64)?$')" $python >/dev/null
find_python >/etc/testarena-python
rm -rf /var/lib/apt/lists/*
