#!/usr/bin/env bash
# Builds the program without its features, and tries the smallest one. Usage: tests/features.sh
#
# Each combination must compile without a warning. Whatever a build lacks, it says so and how to get it; it encrypts as every other.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "FAILED: $*" >&2; exit 1; }
crates() { cargo tree --locked -e normal --prefix none "$@" | sed 's/ (\*)$//' | sort -u | wc -l; }

for features in age swarm ''; do
  told=$(cargo build --locked --quiet --no-default-features --features "$features" 2>&1) && [ -z "$told" ] ||
    fail "with the features '$features': $told"
done
echo "crates: $(crates) with all features, $(crates --no-default-features --features swarm) without age, \
$(crates --no-default-features --features age) without swarm, $(crates --no-default-features) with none"

work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
mkdir "$work/bin" "$work/home"
cp "${CARGO_TARGET_DIR:-target}/debug/hs-secrets" "$work/bin/"
cd "$work"
export HOME=$work/home PATH=$work/bin:$PATH GIT_CONFIG_NOSYSTEM=1
git config --global user.name Tester
git config --global user.email tester@example.org
git config --global init.defaultBranch main
refuses() { # words of the error, then the command
  local words=$1 told; shift
  told=$("$@" 2>&1 </dev/null) && fail "$*: it should not work"
  grep -q "$words" <<<"$told" || fail "$*: says not '$words' but: $told"
  grep -q '^hs-secrets: hint: .*released packages' <<<"$told" || fail "$*: does not say what to do: $told"
}

git init -q lab && cd lab
hs-secrets init
echo '*.key filter=git-crypt diff=git-crypt merge=git-crypt' >.gitattributes
echo hunter2 >api.key && git add . && git commit -q -m "Encrypted"
git cat-file blob HEAD:api.key | head -c 9 | grep -q GITCRYPT || fail "it does not encrypt"
hs-secrets export-key ../lab.key
someone=age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj
refuses 'was built without age' hs-secrets add-age-user --name alice "$someone"
[ -z "$(git status --porcelain)" ] || fail "something was changed"
refuses 'was built without age' hs-secrets export-key --passphrase ../sealed.key
[ ! -e ../sealed.key ] || fail "something was written"
refuses 'was built without the commands for a Swarm' hs-secrets deploy web

# A repository in which a whole build has wrapped the key for somebody.
folder=.git-crypt/keys/default/0
id=$(printf %s "$someone" | git hash-object --stdin)
mkdir -p "$folder"
printf -- '-----BEGIN AGE ENCRYPTED FILE-----\n' >"$folder/$id.age"
printf '# alice\n%s\n' "$someone" >"$folder/$id.pub"
git add . && git commit -q -m "For Alice"
hs-secrets ls-users | grep -q alice || fail "it does not know Alice by her name"
git clone -q . ../clone && cd ../clone
refuses 'was built without age' hs-secrets unlock
ssh-keygen -q -t ed25519 -N '' -f ../key
refuses 'was built without age' hs-secrets unlock --identity ../key
hs-secrets unlock ../lab.key && grep -q hunter2 api.key || fail "it does not decrypt"
hs-secrets doctor | grep -q 'age .*left out' || fail "doctor does not say that age is left out"
! hs-secrets help | grep -q Swarm: || fail "help has a group of commands that are not there"
echo "the smallest build: good"
