# shellcheck shell=bash disable=SC2034 # RUN is for entrypoint, which sources this
# Forgejo's runner: RUNNER_URL is the forge's root address.
#
# `one-job` ends after one job. What newer versions need to wait for it, and to be forgotten after it, they list in their
# help. Jobs run right here, not in containers.

readonly PROGRAM="$OPT/forgejo/forgejo-runner"
RUN=("$PROGRAM" one-job --config config.yml)

require() {
  [[ -x "$PROGRAM" ]] || die "this image has no runner for Forgejo: build it with RUNNER_KINDS that names forgejo"
}

# `knows COMMAND OPTION`. The help is read whole: a reader that goes early would fail the program that writes it.
knows() {
  local help
  help="$(ask "$PROGRAM" "$1" --help 2>&1)" || return 1
  grep -q -- "$2" <<<"$help"
}

register() {
  local ephemeral=()
  write_config
  if knows register --ephemeral; then ephemeral=(--ephemeral); fi
  if knows one-job --wait; then RUN+=(--wait); fi
  ask "$PROGRAM" register --config config.yml --no-interactive "${ephemeral[@]}" --instance "$RUNNER_URL" \
    --name "$RUNNER_NAME" --labels "$(host_labels)" --token "$TOKEN"
}

deregister() { delete_by_api; }
