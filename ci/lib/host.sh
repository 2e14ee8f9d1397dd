# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Makes sure of the host's packages. To be read by a POSIX shell, since a bare host has no Python.

# host_missing LIST STAGE…: the packages of these stages that are not installed, one a line.
host_missing() {
    list="$1"
    shift
    for stage in "$@"; do
        sed -n "s/^$stage  *\([^ ]*\).*/\1/p" "$list"
    done | while read -r package; do
        # shellcheck disable=SC2016 # the field is dpkg-query's, not the shell's
        if ! dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed; then
            echo "$package"
        fi
    done
}

# host_ensure LIST STAGE…: installs what is missing, and says so.
host_ensure() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "build: apt-get: not there, expected Debian or Ubuntu; on another system install what $1 lists" >&2
        return 2
    fi
    missing="$(host_missing "$@" | tr '\n' ' ')"
    [ -n "$missing" ] || return 0
    as_root=""
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "build: packages are missing, and neither is this root nor is there sudo;" \
                "run as root: apt-get install $missing" >&2
            return 2
        fi
        as_root="sudo"
    fi
    echo "installing on this host: $missing" >&2
    log="$(mktemp)"
    # shellcheck disable=SC2086 # the words are meant to be split
    if host_apt update && host_apt install --yes --no-install-recommends $missing; then
        rm -f "$log"
        return 0
    fi
    tail -n 20 "$log" >&2
    rm -f "$log"
    echo "build: apt-get failed (its end is above), expected it to install: $missing; check this host's apt sources" >&2
    return 2
}

host_apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 "$@" >>"$log" 2>&1 </dev/null
}
