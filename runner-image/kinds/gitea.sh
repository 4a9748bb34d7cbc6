# shellcheck shell=bash disable=SC2034 # RUN is for entrypoint, which sources this
# Gitea's runner (gitea-runner, act_runner before 1.0): RUNNER_URL is the forge's root address.
#
# An ephemeral registration needs act_runner 0.2.12 and Gitea 1.24 or newer. Jobs run right here, not in containers.

readonly PROGRAM="$OPT/gitea/gitea-runner"
RUN=("$PROGRAM" daemon --config config.yml)

require() {
  [[ -x "$PROGRAM" ]] || die "this image has no runner for Gitea: build it with RUNNER_KINDS that names gitea"
}

register() {
  write_config
  ask "$PROGRAM" register --config config.yml --no-interactive --ephemeral --instance "$RUNNER_URL" \
    --name "$RUNNER_NAME" --labels "$(host_labels)" --token "$TOKEN"
}

deregister() { delete_by_api; }
