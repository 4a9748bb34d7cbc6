#!/usr/bin/env bash
# A fake of actions/runner's config.sh: takes its token by ACTIONS_RUNNER_INPUT_TOKEN or _PAT.
set -euo pipefail
# shellcheck source=/dev/null
source "$FAKE_RUNNERS/common.sh"

cd "$(dirname "$(readlink -f "$0")")"
[[ -n "${ACTIONS_RUNNER_INPUT_TOKEN:-}${ACTIONS_RUNNER_INPUT_PAT:-}" ]] || refuse "no token"
[[ "${ACTIONS_RUNNER_INPUT_TOKEN:-}" != refused* ]] || refuse "token"
if [[ "${1:-}" == remove ]]; then
  note config-remove "$@"
  rm .runner
  exit
fi
note config "$@"
while (($#)); do
  case "$1" in
    --url | --name | --labels | --work | --runnergroup) shift ;;
    --ephemeral | --unattended | --replace | --disableupdate) ;;
    *) refuse "$1" ;;
  esac
  shift
done
echo '{"agentId": 7}' >.runner
