#!/bin/sh
# Brings the few programs that come from Debian, not from PyPI or npm: `tools/debian.sh run` those of a running
# hall, `tools/debian.sh test` also those of the tests. Silent and quick when all are there. As root it installs
# what is missing; anyone else gets one line that says what to install. Nothing here is asked twice.
set -eu

has_program() { command -v "$1" >/dev/null 2>&1; }
has_venv() { "${PYTHON:-python3}" -c 'import ensurepip, venv' >/dev/null 2>&1; }
has_fonts() {
    [ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || fc-list :lang=uk 2>/dev/null | grep -q .
}

missing=""
need() { missing="$missing $1"; }

case "${1:-}" in
    venv) has_venv || need python3-venv ;;
    run) has_program espeak-ng || need espeak-ng ;;
    test)
        has_program espeak-ng || need espeak-ng
        has_program chromium || need chromium
        has_fonts || need fonts-dejavu-core # Cyrillic letters before the pages' own font is loaded
        ;;
    *) echo "usage: tools/debian.sh venv|run|test" >&2; exit 2 ;;
esac
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! has_program apt-get; then
    echo "Missing:$missing. Install with: sudo apt-get install$missing" >&2
    exit 1
fi

echo "Installing with apt-get:$missing"
export DEBIAN_FRONTEND=noninteractive
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086 # one word for each package
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1; then
    cat "$log" >&2
    echo "apt-get could not install:$missing; see above" >&2
    exit 1
fi
