#!/usr/bin/env bash
# A fake of actions/runner's run.sh: an ephemeral runner deletes its settings after its job.
set -euo pipefail
# shellcheck source=/dev/null
source "$FAKE_RUNNERS/common.sh"

cd "$(dirname "$(readlink -f "$0")")"
[[ -e .runner && "${RUNNER_MANUALLY_TRAP_SIG:-}" == 1 && $# == 0 ]] || refuse "$@"
note run "$@"
job
rm .runner
