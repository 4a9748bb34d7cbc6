# shellcheck shell=bash
# What the fakes share: notes of calls, and a job.

# `note NAME ARGUMENTS...`: leaves NAME.args, one argument a line, and NAME.env.
note() {
  local name="$1"
  shift
  printf '%s\n' "$@" >"$FAKE_LOG/$name.args"
  env >"$FAKE_LOG/$name.env"
  id -u >"$FAKE_LOG/$name.uid"
}

refuse() {
  echo "fake: unknown: $*" >&2
  exit 64
}

# Works until TERM or INT, then takes FAKE_ENDING seconds to end.
job() {
  [[ "${FAKE_JOB:-}" == "done" ]] && return
  trap 'echo ended >"$FAKE_LOG/job"; sleep "${FAKE_ENDING:-0}"; exit 0' TERM INT
  echo waiting >"$FAKE_LOG/job"
  while :; do
    sleep 0.05
  done
}
