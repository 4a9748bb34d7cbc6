#!/usr/bin/env bash
# Prints pins.env, what the image is built with, from the checksums that the projects publish. For maintainers.
#
#   runner-image/checksums.sh --base v5.5.5 GITHUB_RUNNER=2.330.0 GITEA_RUNNER=1.0.6 FORGEJO_RUNNER=12.10.2 NODE=24.11.1
#
# Versions that are not named are those of the pins.env that is there. The base's digest comes from the registry, by
# skopeo, `docker buildx imagetools` or crane, whichever is installed. A project's checksum guards against what happens
# on the way, and pins the file for good; that the release itself is good, only you can judge.
set -euo pipefail
shopt -s inherit_errexit

HERE="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
readonly HERE
# shellcheck source-path=SCRIPTDIR source=releases.sh
source "$HERE/releases.sh"
readonly GITHUB_RUNNER_API="${GITHUB_RUNNER_API:-https://api.github.com/repos/actions/runner}"
GITEA_RUNNER_SITE="${GITEA_RUNNER_SITE:-https://dl.gitea.com}"
FORGEJO_RUNNER_SITE="${FORGEJO_RUNNER_SITE:-https://code.forgejo.org/forgejo/runner/releases/download}"
NODE_SITE="${NODE_SITE:-https://nodejs.org/dist}"
readonly BASE="${BASE_REPOSITORY:-espressif/idf}"

die() {
  printf 'checksums: error: %s\n' "$*" >&2
  exit 3
}
usage() {
  sed -n '2,/^set /{/^# \{0,1\}/s///p}' "${BASH_SOURCE[0]}" >&2
  exit 2
}
read_address() { curl --fail --silent --show-error --location --retry 3 --max-time 60 "$1" || die "cannot read $1"; }

# The digest of an image's tag: that of the list for all machines, where there is one.
digest() {
  local image="$BASE:$1"
  if command -v skopeo >/dev/null; then
    skopeo inspect --format '{{.Digest}}' --no-tags "docker://$image"
  elif command -v crane >/dev/null; then
    crane digest "$image"
  elif docker buildx version >/dev/null 2>&1; then
    docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$image"
  else
    die "one of skopeo, crane, docker buildx is needed to ask for the digest of $image"
  fi
}

# `published PART VERSION`: the checksum as the project tells it, from a list of `SHA256  name` or a page that holds both.
published() {
  local file text
  file="$(basename "$(release_file "$1" "$2")")"
  if [[ "$1" == GITHUB_RUNNER ]]; then
    text="$(read_address "$GITHUB_RUNNER_API/releases/tags/v$2")"
    # In the release's notes: <!-- BEGIN SHA linux-x64 -->...<!-- END SHA linux-x64 -->
    grep -oE 'BEGIN SHA linux-x64 -->[0-9a-f]{64}<' <<<"$text" | grep -oE '[0-9a-f]{64}' | head -n 1
  else
    local site="$1_SITE"
    text="$(read_address "${!site}/$(checksum_file "$1" "$2")")"
    # A list of files has the name in the line; a file for one release may hold the bare checksum.
    { grep -F "$file" <<<"$text" || echo "$text"; } | grep -oE '\b[0-9a-f]{64}\b' | head -n 1
  fi
}

pinned() { sed -n "s/^$1=//p" "$HERE/pins.env" 2>/dev/null; }

declare -A versions=()
base=""
while (($#)); do
  case "$1" in
    --base) base="${2:?--base needs a tag of $BASE}" && shift ;;
    GITHUB_RUNNER=* | GITEA_RUNNER=* | FORGEJO_RUNNER=* | NODE=*) versions["${1%%=*}"]="${1#*=}" ;;
    *) usage ;;
  esac
  shift
done

echo "# What the runner image is built with; made by runner-image/checksums.sh."
if [[ -n "$base" ]]; then
  sum="$(digest "$base")"
  [[ "$sum" =~ ^sha256:[0-9a-f]{64}$ ]] || die "the registry told no digest of $BASE:$base but '$sum'"
  echo "BASE_IMAGE=$BASE:$base@$sum"
else
  echo "BASE_IMAGE=$(pinned BASE_IMAGE)"
fi
for part in "${PARTS[@]}"; do
  version="${versions[$part]:-$(pinned "${part}_VERSION")}"
  [[ "$version" =~ ^[0-9]+(\.[0-9]+)+$ ]] || die "which version of $part? Say $part=1.2.3"
  sum="$(published "$part" "$version")" || true
  [[ "$sum" =~ ^[0-9a-f]{64}$ ]] || die "no SHA-256 of $part $version found where its project publishes it"
  echo "${part}_VERSION=$version"
  echo "${part}_SHA256=$sum"
done
