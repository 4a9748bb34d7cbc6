#!/usr/bin/env bash
# Runs the testarena of this checkout, for the action: entrypoint/run.sh run|finish|...
#
# Takes the installed one where that has the same version: the one in the folder TESTARENA_HOME of a runner image, or on
# the PATH. Else it makes a virtual environment, once for each state of the sources and each Python, and keeps it in the
# runner's tool cache for the jobs to come. TESTARENA_PYTHON says which Python.
#
# The environment that the job stands in (ESP-IDF's virtual environment, a PYTHONPATH) is the firmware build's: it is
# passed on as it is, and our own Python runs isolated from it (-I).
set -euo pipefail
shopt -s inherit_errexit

CHECKOUT="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)"
VERSION="$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$CHECKOUT/tpf/__init__.py")"
readonly CHECKOUT VERSION
readonly OLDEST_PYTHON="3.11"
readonly PATIENCE=900 # seconds to wait for another job that installs the same

say() { printf 'testarena: %s\n' "$*" >&2; }
die() {
  say "$@"
  exit 3 # this machine is not able, as everywhere in TestArena
}

# `start FOLDER ARGUMENTS...` becomes the testarena of that environment: the same process, so that it gets the signals.
start() { exec "$1/bin/python3" -I "$1/bin/testarena" "${@:2}"; }

# ---- one that is installed -----------------------------------------------------------------------------------------

fits() { [[ -x "$1/bin/testarena" && "$(start "$1" --version 2>/dev/null)" == "testarena, version $VERSION" ]]; }

# The environments that could have it, one a line.
installed() {
  local program
  [[ -z "${TESTARENA_HOME:-}" ]] || echo "$TESTARENA_HOME"
  program="$(command -v testarena)" || return 0
  dirname "$(dirname "$(readlink -f "$program")")"
}

# ---- one of our own ------------------------------------------------------------------------------------------------

# Version, machine and place of the Python behind a command, if it is good for us. Fails if it isn't.
describe() {
  "$1" -I -c "
import importlib.util, os, platform, sys
if sys.version_info < (${OLDEST_PYTHON/./, }) or not all(map(importlib.util.find_spec, ('venv', 'ensurepip'))):
    sys.exit(1)
print(platform.python_version(), platform.machine(), os.path.realpath(sys._base_executable))
" 2>/dev/null
}

find_python() {
  local candidate
  if [[ -n "${TESTARENA_PYTHON:-}" ]]; then
    describe "$TESTARENA_PYTHON" ||
      die "python: $TESTARENA_PYTHON is no Python $OLDEST_PYTHON or newer with venv and ensurepip"
    return
  fi
  for candidate in python3.13 python3.12 python3.11 python3; do
    describe "$candidate" && return
  done
  die "no Python $OLDEST_PYTHON or newer with venv and ensurepip is on the PATH:" \
    "use actions/setup-python before this step, or on Debian 'apt-get install python3-venv'"
}

# The first folder that can be written to. Never /tmp: others could have put their own programs there.
find_cache() {
  local folder
  for folder in "${RUNNER_TOOL_CACHE:-}" "${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}" "${RUNNER_TEMP:-}"; do
    if [[ -n "$folder" ]] && mkdir -p "$folder/testarena" 2>/dev/null && [[ -w "$folder/testarena" ]]; then
      echo "$folder/testarena"
      return
    fi
  done
  die "nowhere to install into: RUNNER_TOOL_CACHE, XDG_CACHE_HOME and HOME are unset or can't be written to"
}

# What decides how an environment comes out, one file a line.
sources() {
  cd "$CHECKOUT"
  printf '%s\n' pyproject.toml tools/constraints.txt entrypoint/run.sh
  find tpf testarena_ci -type f ! -name '*.py[co]' | LC_ALL=C sort
}

# The place of the environment for these sources and this Python, made or not.
place() {
  local cache python fingerprint
  cache="$(find_cache)"
  python="$(find_python)"
  fingerprint="$( (cd "$CHECKOUT" && sources | xargs -d '\n' sha256sum && echo "$python") | sha256sum)"
  echo "$cache/$VERSION-${fingerprint:0:16}-py${python%% *}"
}

made() { [[ -x "$1/bin/testarena" ]]; }

# Leaves out what would lead Python or pip elsewhere, but not where packages come from (PIP_INDEX_URL and the like).
clean() {
  env -u PYTHONHOME -u PYTHONPATH -u VIRTUAL_ENV -u PIP_TARGET -u PIP_PREFIX -u PIP_ROOT -u PIP_REQUIRE_VIRTUALENV "$@"
}

# Installs from a copy: building leaves files in the sources, and the checkout may be shared or read-only.
install_into() {
  local new="$1" python="$2"
  clean "$python" -m venv "$new" &&
    mkdir "$new/src" &&
    (cd "$CHECKOUT" && cp -R pyproject.toml README.md LICENSE tpf testarena_ci "$new/src") &&
    chmod -R u+w "$new/src" &&
    clean "$new/bin/python3" -I -m pip install --quiet --no-user --no-input --disable-pip-version-check \
      -c "$CHECKOUT/tools/constraints.txt" "$new/src" &&
    rm -rf "$new/src"
}

# Builds beside the place, and puts the link there last: a half-made environment is never used. The lock is ours.
build() {
  local home="$1" python new log
  python="$(find_python)"
  rm -rf "$home".build-* # of a job that was killed
  new="$(mktemp -d "$home.build-XXXXXX")"
  say "installing into $home, once for this version"
  log="$(install_into "$new" "${python#* * }" 2>&1)" || {
    printf '%s\n' "$log" >&2
    rm -rf "$new"
    die "the installation failed, for the reason above; without a network use the runner image," \
      "behind a proxy or mirror set HTTPS_PROXY or PIP_INDEX_URL"
  }
  chmod 755 "$new" # mktemp keeps other users out, but the link is for all
  ln -sfT "${new##*/}" "$home"
}

# Makes the environment, unless another job is faster.
make_at() {
  local home="$1"
  exec 9>"$home.lock"
  flock --wait "$PATIENCE" 9 || die "another job has been installing into $home for $((PATIENCE / 60)) minutes"
  made "$home" || build "$home"
  exec 9>&-
}

# --------------------------------------------------------------------------------------------------------------------

while read -r home; do
  if fits "$home"; then start "$home" "$@"; fi
done < <(installed)

if [[ "${1:-}" == finish ]]; then
  home="$(place 2>/dev/null)" && made "$home" || exit 0 # without an environment nothing ran that could be finished
else
  home="$(place)"
  made "$home" || make_at "$home"
fi
start "$home" "$@"
