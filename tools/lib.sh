# Shared by the scripts in this folder. Sourced, by bash; the caller has set -euo pipefail.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# What a script does is said in both languages, Vietnamese first.
say() { printf '\n== %s\n   %s\n' "$1" "$2"; }
fail() { printf '%s: %s\n' "${0##*/}" "$1" >&2; exit 1; }

# Prints a command so that it can be pasted into a shell, then runs it.
run() {
    local shown
    printf -v shown ' %q' "$@"
    printf '   $%s\n' "$shown"
    "$@"
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "need root or sudo for: $*"
    fi
}

# Names of the packages in the given groups of tools/packages.
packages_of() {
    local group
    for group in "$@"; do
        sed -n "s/^$group  *\([^ #]*\).*/\1/p" "$top/tools/packages"
    done
}

# Those of the given packages that dpkg does not have. Virtual packages count as there when a provider is.
missing_packages() {
    local have
    have=$(dpkg-query -W -f '${db:Status-Abbrev}\t${Package}\t${Provides}\n' |
        sed -n 's/^ii *\t//p' | tr ',\t' '\n\n' | sed 's/ (.*//; s/^ *//')
    grep -vxFf <(printf '%s\n' "$have") <(printf '%s\n' "$@") || [ $? -eq 1 ] # 1: none missing
}

# Installs what is missing of the given groups, and is quick when nothing is.
install_packages() {
    local wanted missing
    mapfile -t wanted < <(packages_of "$@")
    mapfile -t missing < <(missing_packages "${wanted[@]}")
    [ ${#missing[@]} -gt 0 ] || return 0
    say "Cài các gói Debian còn thiếu: ${missing[*]}" "Installing missing Debian packages: ${missing[*]}"
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}

# Configures a build folder once, with these options of meson, and builds it.
build_in() { # FOLDER OPTION...
    [ -e "$1/build.ninja" ] || meson setup "$1" "$top" "${@:2}"
    ninja -C "$1"
}
