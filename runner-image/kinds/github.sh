# shellcheck shell=bash disable=SC2034 # RUN is for entrypoint, which sources this
# GitHub's runner (actions/runner): RUNNER_URL is the address of a repository, organisation or enterprise.
#
# It writes into its own folder, so each run gets a copy. The token goes by the environment variables that the runner
# takes out of its environment itself (CommandSettings.cs), and of config.sh alone. A personal access token registers
# again and again (RUNNER_TOKEN_FILE of a restarted container); a registration token is good for an hour.

RUN=(env RUNNER_MANUALLY_TRAP_SIG=1 ./github/run.sh)

require() {
  [[ -x "$OPT/github/config.sh" && -x "$OPT/github/run.sh" ]] ||
    die "this image has no runner for GitHub: build it with RUNNER_KINDS that names github"
}

# The name of the variable by which the runner takes this sort of token.
variable() {
  case "$TOKEN" in
    ghp_* | gho_* | ghs_* | github_pat_*) echo ACTIONS_RUNNER_INPUT_PAT ;;
    *) echo ACTIONS_RUNNER_INPUT_TOKEN ;;
  esac
}

configure() { (export "$(variable)=$TOKEN" && ask ./github/config.sh "$@"); }

register() {
  (as_runner cp -R "$OPT/github" .) || return
  configure --url "$RUNNER_URL" --name "$RUNNER_NAME" --labels "$RUNNER_LABELS" --work "$RUNNER_HOME/work" \
    ${RUNNER_GROUP:+--runnergroup "$RUNNER_GROUP"} --ephemeral --unattended --replace --disableupdate
}

# After its job the runner has deleted its own settings: then there is nothing to remove.
deregister() {
  [[ -e "$RUNNER_HOME/github/.runner" ]] || return 0
  configure remove
}
