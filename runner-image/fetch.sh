#!/usr/bin/env bash
# Downloads the runners that RUNNER_KINDS names into a folder, each checked: fetch.sh FOLDER
#
# What a part is, its version and checksum come as build arguments: GITEA_RUNNER_VERSION, GITEA_RUNNER_SHA256, ...
set -euo pipefail
shopt -s inherit_errexit

HERE="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
readonly HERE
# shellcheck source-path=SCRIPTDIR source=releases.sh
source "$HERE/releases.sh"
readonly FOLDER="${1:?usage: fetch.sh FOLDER}"

die() {
  printf 'fetch: error: %s\n' "$*" >&2
  exit 3
}

# `get PART FILE`: downloads the part's release file, and fails unless it is the one that was meant.
get() {
  local site="$1_SITE" version="$1_VERSION" sha256="$1_SHA256" address
  [[ -n "${!version:-}" ]] || die "$version is not given: fill runner-image/pins.env with runner-image/checksums.sh"
  [[ "${!sha256:-}" =~ ^[0-9a-f]{64}$ ]] ||
    die "$sha256 is no SHA-256 of 64 digits: fill runner-image/pins.env with runner-image/checksums.sh"
  address="${!site}/$(release_file "$1" "${!version}")"
  curl --fail --silent --show-error --location --retry 3 --max-time 600 --output "$2" "$address" ||
    die "cannot download $address"
  sha256sum --check --status <<<"${!sha256}  $2" ||
    die "$address has the SHA-256 $(sha256sum "$2" | cut -d ' ' -f 1), and $sha256 is ${!sha256}"
}

fetch_github() {
  get GITHUB_RUNNER "$work/github"
  mkdir -p "$FOLDER/github"
  tar -xzf "$work/github" -C "$FOLDER/github" --no-same-owner
}

fetch_gitea() {
  get GITEA_RUNNER "$work/gitea"
  install -D -m 755 "$work/gitea" "$FOLDER/gitea/gitea-runner"
}

fetch_forgejo() {
  get FORGEJO_RUNNER "$work/forgejo"
  install -D -m 755 "$work/forgejo" "$FOLDER/forgejo/forgejo-runner"
}

# Actions in JavaScript: GitHub's runner brings a Node.js of its own, the others take the one on the PATH.
fetch_node() {
  get NODE "$work/node"
  mkdir -p "$FOLDER/node"
  tar -xJf "$work/node" -C "$FOLDER/node" --strip-components=1 --no-same-owner
}

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$FOLDER"
for kind in ${RUNNER_KINDS:-}; do
  case "$kind" in
    github) fetch_github ;;
    gitea | forgejo)
      "fetch_$kind"
      [[ -d "$FOLDER/node" ]] || fetch_node
      ;;
    *) die "RUNNER_KINDS: $kind is none of: github, gitea, forgejo" ;;
  esac
done
