# shellcheck shell=bash disable=SC2034 # PARTS is for those who source this
# The release files that go into the image, and where their projects publish checksums. Sourced by fetch and checksums.
#
# A version is written without a `v`. Gitea's runner was called act_runner before 1.0.

readonly PARTS=(GITHUB_RUNNER GITEA_RUNNER FORGEJO_RUNNER NODE)

# `release_file PART VERSION`: the file's path under the part's site.
release_file() {
  case "$1" in
    GITHUB_RUNNER) echo "v$2/actions-runner-linux-x64-$2.tar.gz" ;;
    GITEA_RUNNER)
      case "$2" in
        0.*) echo "act_runner/$2/act_runner-$2-linux-amd64" ;;
        *) echo "gitea-runner/$2/gitea-runner-$2-linux-amd64" ;;
      esac
      ;;
    FORGEJO_RUNNER) echo "v$2/forgejo-runner-$2-linux-amd64" ;;
    NODE) echo "v$2/node-v$2-linux-x64.tar.xz" ;;
  esac
}

# `checksum_file PART VERSION`: the path of the file in which the project publishes its checksum; none for GitHub's
# runner, whose releases say it in their notes.
checksum_file() {
  case "$1" in
    GITHUB_RUNNER) echo "" ;;
    NODE) echo "v$2/SHASUMS256.txt" ;;
    *) echo "$(release_file "$1" "$2").sha256" ;;
  esac
}
