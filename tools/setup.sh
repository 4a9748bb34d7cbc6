#!/usr/bin/env bash
# Sets up what `make lint`, `make demo` and `make test` need, and installs only what is missing.
#
#   tools/setup.sh lint|demo|test
#
#   lint   Python 3.11 or newer, and the virtual environment .venv
#   demo   the same, and the emulators, cross compilers and C libraries of the demo firmware
#   test   the same, a browser, and ffmpeg
#
# When nothing has changed since the last time it only compares a hash. PYTHON=... chooses the interpreter.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "${1:-}" in
  lint | demo | test) readonly LEVEL="$1" ;;
  *) echo "usage: tools/setup.sh lint|demo|test" >&2 && exit 2 ;;
esac
readonly VENV=.venv
readonly STAMP="$VENV/.ready-$LEVEL"
readonly OLDEST_PYTHON="3.11"

say() { printf 'setup: %s\n' "$*" >&2; }
die() {
  printf 'setup: error: %s\n' "$@" >&2
  exit 3 # the environment is not able, as everywhere in TestArena
}

# ---- what is there already -----------------------------------------------------------------------------------------

# The path counts too: a virtual environment does not survive being moved.
fingerprint() { { pwd && cat pyproject.toml tools/constraints.txt tools/setup.sh; } | sha256sum; }

works() { "$VENV/bin/python" -c '' 2>/dev/null; }
is_ready() { [[ -f $STAMP && "$(<"$STAMP")" == "$(fingerprint)" ]] && works; }
has_venv() { grep -Fqsx "$(fingerprint)" "$VENV"/.ready-* && works; } # made for another level

has() { command -v "$1" >/dev/null; }
has_any() { for name in "$@"; do has "$name" && return; done; }
has_libc() { echo '#include <stdio.h>' | "$@" -E -x c - >/dev/null 2>&1; }
is_ubuntu() { grep -Eqs '^(ID|ID_LIKE)=.*ubuntu' /etc/os-release; }

fits() { "$1" -c "import ensurepip, sys, venv; sys.exit(sys.version_info < (${OLDEST_PYTHON/./, }))" 2>/dev/null; }

find_python() {
  local candidate
  for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    if has "$candidate" && fits "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

# ---- apt packages --------------------------------------------------------------------------------------------------

# One line each: the apt packages, the first known one of which is installed (a+b: both). Names differ between releases.
missing() {
  find_python >/dev/null || python_packages
  [[ $LEVEL == lint ]] && return
  has git || echo git
  has python3 || echo python3 # the demo firmware's Makefile calls it by this name
  has qemu-system-riscv32 || echo qemu-system-riscv qemu-system-misc
  has qemu-system-xtensa || echo qemu-system-misc
  has riscv64-unknown-elf-gcc || echo gcc-riscv64-unknown-elf
  has_libc riscv64-unknown-elf-gcc --specs=picolibc.specs || echo picolibc-riscv64-unknown-elf
  has xtensa-lx106-elf-gcc || echo gcc-xtensa-lx106
  has_libc xtensa-lx106-elf-gcc || echo picolibc-xtensa-lx106-elf
  has gdb-multiarch || echo gdb-multiarch
  has setpriv || echo util-linux
  [[ $LEVEL == demo ]] && return
  { has gcc && has_libc gcc; } || echo gcc+libc6-dev # programs of the host as devices
  has ffmpeg || echo ffmpeg # videos of the step <browser>
  # Ubuntu's package is a snap, which no container can run: the tests that need a browser say so.
  has_any chromium chromium-browser google-chrome google-chrome-stable || is_ubuntu || echo chromium
}

# The distribution's own Python where it is new enough; a second one beside it where it isn't.
python_packages() {
  if has python3 && python3 -c "import sys; sys.exit(sys.version_info >= (${OLDEST_PYTHON/./, }))"; then
    echo python3.13+python3.13-venv python3.12+python3.12-venv python3.11+python3.11-venv
  else
    echo python3+python3-venv
  fi
}

is_known() { apt-cache show "$1" >/dev/null 2>&1; }

# Prints the first of its arguments whose packages apt knows, or the last one for apt to complain about; one a line.
first_known() {
  local choice
  for choice in "$@"; do
    is_known "${choice%%+*}" && break
  done
  printf '%s\n' "${choice//+/$'\n'}"
}

as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi
}

# sudo may ask for a password where somebody is there to type it.
may_install() { [[ $(id -u) == 0 ]] || { has sudo && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; }; }

# Silent when all goes well, for there is nothing in its output that anybody needs then.
apt() {
  local output
  output="$(as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" 2>&1)" ||
    { printf '%s\n' "$output" >&2 && return 1; }
}

# The packages that are missing, by the names that they have here; one a line.
packages_by_name() {
  local choices
  missing | while read -r choices; do
    # shellcheck disable=SC2086 # a line is a list of choices
    first_known $choices
  done
}

install_packages() {
  [[ -n "$(missing)" ]] || return 0
  local packages
  has apt-get || die "missing here, by the names of Debian's packages: $(missing | paste -sd ' ')." \
    "This is not Debian or Ubuntu: install them with your own package manager, then try again."
  may_install || die "packages are missing, and installing them needs root or sudo. As root, run" \
    "  apt-get install $(packages_by_name | paste -sd ' ')" "and then try again."

  say "updating the package lists"
  apt update || say "warning: the package lists could not be updated; going on with those at hand"
  mapfile -t packages < <(packages_by_name)
  say "installing ${packages[*]} (this can take some minutes)"
  apt install -y --no-install-recommends "${packages[@]}" ||
    die "apt-get could not install ${packages[*]}." "Is the network there? Its own words stand above."
}

complete_packages() {
  install_packages
  install_packages # where the distribution's Python turns out too old only now
  [[ -z "$(missing)" ]] || die "apt-get ran well, but still missing: $(missing | paste -sd ' ')"
}

# ---- the virtual environment ---------------------------------------------------------------------------------------

make_venv() {
  local python
  if ! fits "$VENV/bin/python"; then
    python="$(find_python)" || die "no Python $OLDEST_PYTHON or newer with venv and ensurepip found." \
      "Install one (Debian: apt-get install python3-venv), or say which: PYTHON=/path/to/python3 make ..."
    say "making $VENV with $("$python" --version)"
    "$python" -m venv --clear "$VENV" || die "$python -m venv $VENV failed; its own words stand above."
  fi
  say "installing the Python packages into $VENV"
  "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -c tools/constraints.txt -e '.[dev]' ||
    die "pip could not install the packages; its own words stand above." \
      "Behind a proxy or mirror: set HTTPS_PROXY or PIP_INDEX_URL and try again."
  # Saves start-up time where the environment forbids Python to write byte code as it runs.
  "$VENV/bin/python" -m compileall -q tpf testarena_ci
}

# --------------------------------------------------------------------------------------------------------------------

is_ready && exit
exec 9<tools/setup.sh && flock 9 # two makes at once: one sets up, the other waits and finds it done
is_ready && exit
complete_packages
has_venv || make_venv
fingerprint >"$STAMP.new" && mv "$STAMP.new" "$STAMP"
say "ready"
