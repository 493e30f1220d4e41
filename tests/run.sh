#!/usr/bin/env bash
# Runs every test: formatting, lints, unit and property tests, the command line in a sandbox, the real git, git-crypt
# and gpg, and a private Docker engine in swarm mode. Installs what is missing (Debian, as root or with sudo).
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)

say "What the tests stand on"
command -v cargo >/dev/null || { echo "cargo is missing: install Rust first, see https://rustup.rs" >&2; exit 1; }
declare -A package_of=(
  [git]=git [git-crypt]=git-crypt [gpg]=gnupg [age]=age [docker]=docker.io [dockerd]=docker.io [strace]=strace
  [script]=bsdutils [ip]=iproute2 [iptables]=iptables [cc]=build-essential [setpriv]=util-linux [ssh-keygen]=openssh-client
  [openssl]=openssl [sshd]=openssh-server [unshare]=util-linux [nsenter]=util-linux [pre-commit]=pre-commit
)
missing=()
for program in "${!package_of[@]}"; do
  PATH="$PATH:/usr/sbin:/sbin" command -v "$program" >/dev/null || missing+=("${package_of[$program]}")
done
[ -x /bin/busybox ] && ! ldd /bin/busybox >/dev/null 2>&1 || missing+=(busybox-static)
if [ "${#missing[@]}" -gt 0 ]; then
  echo "installing: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
for program in "${!package_of[@]}"; do
  PATH="$PATH:/usr/sbin:/sbin" command -v "$program" >/dev/null || { echo "$program is still missing" >&2; exit 1; }
done
git --version; git-crypt --version; docker --version; cargo --version

say "Formatting"
cargo fmt --all -- --check

say "Lints"
cargo clippy --all-targets --locked --quiet -- -D warnings
# A workspace of its own, which nothing else compiles.
cargo check --manifest-path fuzz/Cargo.toml --locked --quiet

say "Tests"
if [ "${#as_root[@]}" -gt 0 ]; then
  # Only root can start a Docker engine: the test programs run with sudo, cargo itself does not.
  triple=$(rustc -vV | sed -n 's/^host: //p' | tr 'a-z-' 'A-Z_')
  export "CARGO_TARGET_${triple}_RUNNER=sudo -E"
fi
cargo test --locked "$@"

say "All tests passed"
