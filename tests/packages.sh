#!/usr/bin/env bash
# Makes the packages and installs them as people do. Usage: tests/packages.sh [PROFILE], or DIST=FOLDER tests/packages.sh
#
# Builds twice, in two folders, and compares the bytes; with the profile `demo` if none is given, since a release takes twice as
# long. With DIST, what release.sh has made into that folder is taken instead. Then: the Debian packages in a fresh Debian in a folder, the wheel in a fresh venv, the hooks of the pre-commit framework by
# that wheel, and the program alone in an empty folder. Each takes the first steps of the README.
#
# Needs root on Debian and the network; installs what is missing. It takes some 20 minutes on 2 cores, and is no part of
# tests/run.sh for that.
set -euo pipefail
cd "$(dirname "$0")/.."
project=$PWD
profile=${1:-demo}
dist=${DIST:+$(realpath "$DIST")}

say() { printf '\n== %s (after %d:%02d)\n' "$*" $((SECONDS / 60)) $((SECONDS % 60)); }
fail() { echo "FAILED: $*" >&2; exit 1; }
[ "$(id -u)" -eq 0 ] || fail "only root can change the root folder: run this as root"

say "What the test stands on"
missing=()
for program in git:git debootstrap:debootstrap pre-commit:pre-commit python3:python3 dpkg-deb:dpkg readelf:binutils; do
  PATH=$PATH:/usr/sbin command -v "${program%%:*}" >/dev/null || missing+=("${program##*:}")
done
python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
if [ "${#missing[@]}" -gt 0 ]; then
  echo "installing: ${missing[*]}"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

work=$(mktemp -d /tmp/hs-secrets-packages.XXXXXX)
clean_up() {
  ! mountpoint -q "$work/debian/proc" || umount "$work/debian/proc"
  rm -rf "$work"
}
trap clean_up EXIT
export HOME="$work/home" GIT_CONFIG_NOSYSTEM=1 CARGO_HOME="${CARGO_HOME:-$HOME/.cargo}" RUSTUP_HOME="${RUSTUP_HOME:-$HOME/.rustup}"
mkdir "$HOME"
git config --global user.name Tester
git config --global user.email tester@example.org
git config --global init.defaultBranch main
git config --global advice.detachedHead false

if [ -z "$dist" ]; then
  say "The same bytes twice"
  for folder in one/hs-secrets another-place; do
    git clone --quiet --no-hardlinks . "$work/$folder"
    "$work/$folder/release.sh" --profile "$profile" >"$work/log" 2>&1 || { cat "$work/log"; fail "release.sh"; }
  done
  diff -r "$work/one/hs-secrets/dist" "$work/another-place/dist" || fail "two builds of one commit differ"
  dist=$work/another-place/dist
fi
say "What is installed"
(cd "$dist" && sha256sum --quiet --check SHA256SUMS)
du -h "$dist"/*

# The README's first steps, and a commit that the hooks stop.
cat >"$work/first-steps.sh" <<'STEPS'
set -eu
top=$(mktemp -d) && cd "$top"
git init -q home-lab && cd home-lab
mkdir -p web/secret && echo velvet-harbor-quince-58 > web/secret/password
hs-secrets init
echo '**/secret/** filter=git-crypt diff=git-crypt merge=git-crypt' >> .gitattributes
git add --renormalize . && git add . && git commit -q -m "Encrypt the secrets"
hs-secrets export-key ../home-lab.key
hs-secrets install-hooks > /dev/null
git cat-file blob HEAD:web/secret/password | head -c 9 | grep -q GITCRYPT
git clone -q . ../elsewhere && cd ../elsewhere && hs-secrets unlock ../home-lab.key
grep -q velvet web/secret/password && hs-secrets status --short && cd ../home-lab
echo 'password: velvet-harbor-quince-58' > notes.md && git add notes.md # hs-secrets: allow password-assignment
! git commit -q -m "A leak" 2> ../told && grep -q known-secret ../told
hs-secrets doctor > ../doctor || { cat ../doctor; exit 1; }
echo "the first steps: done"
STEPS

say "The wheel in a fresh venv"
python3 -m venv "$work/venv"
started=$SECONDS
"$work/venv/bin/pip" install --quiet --no-index --find-links "$dist" hs-secrets
echo "installed in $((SECONDS - started)) s"
PATH=$work/venv/bin:$PATH sh "$work/first-steps.sh"

say "The hooks of the pre-commit framework, by the wheel"
# A filter of git needs the program, too. A hook of the framework has its own, or with -system takes this one.
here() { PATH=$work/venv/bin:$PATH PRE_COMMIT_HOME=$work/framework PIP_FIND_LINKS=$dist "$@"; }
git init -q "$work/hooked" && cd "$work/hooked"
here hs-secrets init
echo '**/secret/** filter=git-crypt diff=git-crypt merge=git-crypt' >.gitattributes
mkdir secret && echo velvet-harbor-quince-58 >secret/password && here git add . && here git commit -q -m first
# An old framework knows the stages by their old names.
git clone -q "$project" "$work/hooks"
case $(pre-commit --version | tr -dc '0-9.') in
  [012].* | 3.[01].*)
    sed -i 's/stages: \[pre-commit\]/stages: [commit]/; s/stages: \[pre-push\]/stages: [push]/' "$work/hooks/.pre-commit-hooks.yaml"
    git -C "$work/hooks" commit -q -a -m "old names"
    ;;
esac
here pre-commit install -t pre-commit -t commit-msg -t pre-push >/dev/null
git init -q --bare "$work/hooked.git" && git remote add origin "$work/hooked.git"
stops() { # what is done, then the command that a hook stops because of a known secret
  local what=$1; shift
  ! here "$@" >"$work/told" 2>&1 || fail "the framework lets $what pass"
  grep -q known-secret "$work/told" || { cat "$work/told"; fail "the framework does not run the check of $what"; }
}
for kind in '' -system; do
  cat >.pre-commit-config.yaml <<CONFIG
repos:
- repo: $work/hooks
  rev: $(git -C "$work/hooks" rev-parse HEAD)
  hooks: [{id: hs-secrets$kind}, {id: hs-secrets-message$kind}, {id: hs-secrets-push$kind}]
CONFIG
  here git add .pre-commit-config.yaml
  started=$SECONDS
  here git commit -q -m "The framework$kind" >"$work/told" 2>&1 || { cat "$work/told"; fail "the framework stops a good commit"; }
  echo "hs-secrets$kind: the first run, with its installation, took $((SECONDS - started)) s"
  echo 'password: velvet-harbor-quince-58' >notes.md && here git add notes.md # hs-secrets: allow password-assignment
  stops "a leak" git commit -q -m "A leak"
  here git rm -q -f notes.md
  stops "a leak in a message" git commit -q --allow-empty -m "It is velvet-harbor-quince-58 now"
  echo 'password: velvet-harbor-quince-58' >notes.md && here git add notes.md # hs-secrets: allow password-assignment
  here git commit -q --no-verify -m "A leak"
  stops "a push of a leak" git push -q origin HEAD
  here git reset -q --hard HEAD^
  here git push -q origin HEAD >"$work/told" 2>&1 || { cat "$work/told"; fail "the framework stops a good push"; }
done
ls "$work"/framework/repo*/py_env*/bin/hs-secrets >/dev/null || fail "the hook has no program of its own"
cd "$project"

say "The Debian packages in a fresh Debian"
debootstrap --variant=minbase --include=git,openssh-client,ca-certificates stable "$work/debian" >"$work/log" 2>&1 || { tail "$work/log"; fail debootstrap; }
debian() { chroot "$work/debian" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
mount -t proc proc "$work/debian/proc"
cp "$dist"/*.deb "$work/first-steps.sh" "$work/debian/root/"
cp "$HOME/.gitconfig" "$work/debian/root/"
debian sh -c 'apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends /root/hs-secrets_*.deb' >/dev/null
debian sh /root/first-steps.sh
debian sh -c 'dpkg -L hs-secrets' >"$work/files"
for file in man/man1/hs-secrets-deploy.1.gz bash-completion/completions/hs-secrets zsh/vendor-completions/_hs-secrets \
  fish/vendor_completions.d/hs-secrets.fish doc/hs-secrets/copyright; do
  grep -qx "/usr/share/$file" "$work/files" || debian test -e "/usr/share/$file" || fail "$file is not in the package"
done
debian sh -c 'apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends /root/hs-secrets-git-crypt_*.deb' >/dev/null
debian git-crypt --version
debian sh -c 'dpkg -s hs-secrets-git-crypt' | grep -q '^Provides: git-crypt' || fail "it does not provide git-crypt"
# A user of whom only the system knows where home is.
debian useradd --create-home somebody
debian su somebody -c 'mkdir ~/.ssh && ssh-keygen -q -t ed25519 -N "" -f ~/.ssh/id_ed25519'
debian sh -euc '
  git init -q /tmp/shared && cd /tmp/shared && hs-secrets init
  echo "*.key filter=git-crypt diff=git-crypt" > .gitattributes && echo hunter2 > api.key && git add . && git commit -q -m first
  hs-secrets add-ssh-user "$(cat ~somebody/.ssh/id_ed25519.pub)" && chown -R somebody /tmp/shared'
debian su somebody -c 'git clone -q /tmp/shared ~/clone'
chroot --userspec=somebody "$work/debian" env -i PATH=/usr/bin:/bin sh -c 'cd ~somebody/clone && hs-secrets unlock && grep -q hunter2 api.key' ||
  fail "without HOME, the user is not looked up"
# A system can have modules for its own C library look up names and users. A static program stays clear of them.
debian apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends libnss-myhostname libnss-systemd >/dev/null
debian sed -i 's/^hosts:.*/hosts: files myhostname dns/; s/^passwd:.*/passwd: systemd files/' /etc/nsswitch.conf
told=$(debian hs-secrets ls --networks --host tcp://nowhere.invalid:1 2>&1) && fail "somebody answers"
grep -q 'failed to lookup' <<<"$told" || fail "a name is not looked up: $told"
chroot --userspec=somebody "$work/debian" env -i PATH=/usr/bin:/bin sh -c 'cd ~somebody/clone && hs-secrets lock && hs-secrets unlock' ||
  fail "without HOME, a user is not looked up"
debian apt-get purge -y -qq -o Dpkg::Use-Pty=0 hs-secrets-git-crypt hs-secrets >/dev/null
! debian sh -c 'command -v hs-secrets' || fail "it is still there"

say "The program alone, in an empty folder"
mkdir -p "$work/empty/etc"
tar -xzf "$dist"/hs-secrets-*-linux-gnu.tar.gz -C "$work/empty" --strip-components=1
echo '127.0.0.1 manager.test' >"$work/empty/etc/hosts"
told=$(chroot "$work/empty" /hs-secrets ls --networks --host tcp://manager.test:1 2>&1) && fail "somebody answers"
grep -qi 'refused' <<<"$told" || fail "the name is not looked up: $told"
python3 -m json.tool "$dist"/*.cdx.json >/dev/null

say "All packages passed"
