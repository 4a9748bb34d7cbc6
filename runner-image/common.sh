# shellcheck shell=bash disable=SC2034 # variables are for those who source this
# What all kinds of runners share: words to people, users, the folders of a run. Sourced by entrypoint and health.

readonly STATE="${RUNNER_STATE_DIR:-/run/testarena-runner}"
readonly OPT="${RUNNER_OPT:-/opt/runners}"

say() { printf 'runner: %s\n' "$*" >&2; }
usage() {
  say "error: $*"
  exit 2
}
die() {
  say "error: $*"
  exit 3
}

kinds() {
  local file names=()
  for file in "$HERE"/kinds/*.sh; do
    names+=("$(basename "$file" .sh)")
  done
  echo "${names[*]}"
}

is_kind() { [[ "$1" =~ ^[a-z]+$ && -f "$HERE/kinds/$1.sh" ]]; }

defaults() {
  RUNNER_NAME="${RUNNER_NAME:-testarena-$(hostname)}"
  RUNNER_LABELS="${RUNNER_LABELS:-esp-idf}"
  RUNNER_GRACE="${RUNNER_GRACE:-60}"       # seconds that a job gets to end in when the container is stopped
  RUNNER_PATIENCE="${RUNNER_PATIENCE:-60}" # seconds that the forge gets to answer in
  RUNNER_HOME="${RUNNER_HOME:-/home/runner}"
}

# ---- users ---------------------------------------------------------------------------------------------------------

# Whether the token is kept from jobs by being another user's.
is_apart() { [[ "$(id -u)" == 0 && -n "${RUNNER_USER:-}" ]]; }

# `as_runner PROGRAM ...`: as the user that jobs run as, in a clean home. Becomes the program, so that signals reach it.
as_runner() {
  cd "$RUNNER_HOME" || exit 3 # also where `set -e` is off: what follows may delete
  if is_apart; then
    HOME="$RUNNER_HOME" USER="$RUNNER_USER" LOGNAME="$RUNNER_USER" exec setpriv \
      --reuid "$RUNNER_USER" --regid "$RUNNER_USER" --init-groups --inh-caps=-all --no-new-privs -- "$@"
  fi
  HOME="$RUNNER_HOME" exec "$@"
}

# As above for a program that has to end in time, and to be waited for.
ask() { (as_runner timeout --kill-after=5 "$RUNNER_PATIENCE" "$@") </dev/null; }

become() {
  if is_apart; then
    exec setpriv --reuid "$RUNNER_USER" --regid "$RUNNER_USER" --init-groups --inh-caps=-all --no-new-privs -- \
      env HOME="${RUNNER_HOME:-/home/runner}" USER="$RUNNER_USER" LOGNAME="$RUNNER_USER" "$@"
  fi
  exec "$@"
}

# ---- tokens --------------------------------------------------------------------------------------------------------

# Prints what a token file holds. Where jobs could read it later, it has to go first.
take() {
  local file="$1" setting="$2" token
  [[ -n "$file" ]] || usage "$setting is not set; it names the file that holds the token"
  [[ -f "$file" && -r "$file" ]] || usage "$setting: cannot read $file"
  token="$(<"$file")"
  [[ "$token" =~ ^[[:graph:]]+$ ]] || usage "$setting: $file holds no token: one word is wanted"
  is_apart || rm -f "$file" 2>/dev/null || [[ "${RUNNER_TOKEN_STAYS:-}" == yes ]] ||
    usage "$setting: jobs could read $file, and it can't be deleted: start the container as root (jobs run as" \
      "another user then), mount the token where it can be deleted, or accept that with RUNNER_TOKEN_STAYS=yes"
  if is_apart && as_other_readable "$file"; then
    usage "$setting: jobs could read $file: chmod 400 it, and let root own it"
  fi
  printf '%s' "$token"
}

as_other_readable() {
  setpriv --reuid "$RUNNER_USER" --regid "$RUNNER_USER" --init-groups --inh-caps=-all --no-new-privs -- test -r "$1"
}

# ---- folders -------------------------------------------------------------------------------------------------------

# Where health looks: what we are doing, and the runner's process.
phase() {
  local new
  mkdir -p "$STATE"
  new="$(mktemp "$STATE/.phase-XXXXXX")"
  printf '%s %s\n' "$1" "${2:-}" >"$new"
  mv "$new" "$STATE/phase"
}

# Nothing of the job before: a restarted container has the same volumes.
fresh_home() {
  (as_runner find . -mindepth 1 -delete) || die "$RUNNER_HOME can't be emptied: it has to be the runner's own folder"
  (as_runner mkdir work)
}

# ESP-IDF's tools on the PATH, as its own images have them; one that is there already is left alone.
activate_idf() {
  local said
  [[ -n "${IDF_PATH:-}" && -f "$IDF_PATH/export.sh" ]] || return 0
  command -v idf.py >/dev/null && return 0
  said="$(mktemp)"
  # export.sh is written for shells without these options
  set +eu
  # shellcheck source=/dev/null
  . "$IDF_PATH/export.sh" >"$said" 2>&1
  set -eu
  command -v idf.py >/dev/null || { cat "$said" >&2 && say "warning: ESP-IDF in $IDF_PATH could not be activated"; }
  rm -f "$said"
}

# ---- runners of Gitea's family -------------------------------------------------------------------------------------

# Labels that run jobs right here, in this container: there is no engine for others.
host_labels() {
  local label labels=()
  while read -r label; do
    labels+=("${label%%:*}:host")
  done < <(tr ',' '\n' <<<"$RUNNER_LABELS")
  (IFS=, && echo "${labels[*]}")
}

write_config() {
  (as_runner sh -c 'cat >config.yml') <<EOF
log:
  level: info
runner:
  file: .runner
  capacity: 1
  shutdown_timeout: ${RUNNER_GRACE}s
cache:
  enabled: false
host:
  workdir_parent: $RUNNER_HOME/work
EOF
}

# A runner that never got a job stays on the list of these forges unless their API is told. The number is in .runner.
delete_by_api() {
  local id status
  [[ -n "$API_TOKEN" && -n "${RUNNER_SCOPE:-}" ]] || {
    say "without RUNNER_API_TOKEN_FILE and RUNNER_SCOPE a runner that had no job stays on the forge's list as offline"
    return 0
  }
  id="$(sed -n 's/^ *"id": *\([0-9][0-9]*\).*/\1/p' "$RUNNER_HOME/.runner" 2>/dev/null | head -n 1)"
  [[ -n "$id" ]] || return 0
  # The header comes by standard input: arguments can be read by all. 404: it had its job, and is gone already.
  status="$(printf 'Authorization: token %s' "$API_TOKEN" | curl --silent --show-error --max-time "$RUNNER_PATIENCE" \
    --output /dev/null --write-out '%{http_code}' --request DELETE --header @- \
    "${RUNNER_URL%/}/api/v1/$RUNNER_SCOPE/actions/runners/$id")" || return 1
  case "$status" in
    204 | 200 | 404) return 0 ;;
    *) say "the forge answered $status to the deletion of runner $id" && return 1 ;;
  esac
}
