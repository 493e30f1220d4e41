#!/usr/bin/env bash
# Makes everything that is released. Usage: ./release.sh [--profile PROFILE] [--dirty]
#
# Into dist/: the program in an archive, two Debian packages, a Python wheel, the context for a container image, a list of
# all that is in the program (SBOM), and checksums. The same commit gives the same bytes, wherever it lies and however
# often. It takes some 10 minutes on 2 cores; `--profile demo` builds in less, to try the script. It refuses a work tree with
# changes; --dirty takes it.
#
# Needs Linux, Rust, a C compiler, Python 3.11 with venv, and dpkg-deb. maturin comes from PyPI.
set -euo pipefail
cd "$(dirname "$0")"

profile=release dirty=
while [ $# -gt 0 ]; do
  case $1 in
    --profile) profile=${2:?which profile}; shift 2 ;;
    --dirty) dirty=yes; shift ;;
    *) sed -n '2s/^# //p' "$0" >&2; exit 2 ;;
  esac
done
say() { printf '\n== %s (after %d:%02d)\n' "$*" $((SECONDS / 60)) $((SECONDS % 60)); }
fail() { echo "$*" >&2; exit 1; }

say "What is released"
[[ $PWD$HOME != *[[:space:]]* ]] || fail "the flags of the compilers take no folder with a space in its name: move this one"
[ -n "$dirty" ] || [ -z "$(git status --porcelain)" ] || fail "there are changes: commit them first, or --dirty"
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)
[ "$(grep -c "^version = \"$version\"\$\|^dependencies = \[\"hs-secrets==$version\"\]\$" pyproject.toml)" -eq 2 ] ||
  fail "pyproject.toml names another version than $version"
target=$(rustc -vV | sed -n 's/^host: //p')
case $target in
  x86_64-*) architecture=amd64 ;;
  aarch64-*) architecture=arm64 ;;
  *) fail "no package for $target" ;;
esac
echo "hs-secrets $version, commit $(git rev-parse --short HEAD), for $target"

# Nothing of the time, the folder or the user may get into what is made.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
home=${CARGO_HOME:-$HOME/.cargo} sysroot=$(rustc --print sysroot)
remap="--remap-path-prefix=$PWD=/hs-secrets --remap-path-prefix=$home=/cargo --remap-path-prefix=$sysroot=/rust"
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC
export RUSTFLAGS="-C target-feature=+crt-static $remap"
export CFLAGS="-ffile-prefix-map=$PWD=/hs-secrets -ffile-prefix-map=$home=/cargo"
unset RUSTC_WORKSPACE_WRAPPER
umask 022
built=$PWD/target/dist
work=$built/work dist=$PWD/dist
rm -rf "$work" "$dist"
mkdir -p "$work" "$dist"
pack() { # an archive, then a folder
  tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=ustar \
    -C "$(dirname "$2")" -c "$(basename "$2")" | gzip -n -9 >"$1"
}

say "The program, static"
# Crates and C files may put a time into what is built, and cargo keeps that for the next commit: here it is the same for all.
compiled_at=315532800
SOURCE_DATE_EPOCH=$compiled_at cargo build --locked --profile "$profile" --target "$target" --target-dir "$built"
program=$built/$target/$profile/hs-secrets
! readelf --dynamic "$program" 2>/dev/null | grep -q NEEDED || fail "the program is not static"
strip -o "$work/hs-secrets" "$program"
program=$work/hs-secrets
"$program" --version

say "The archive"
archive=$work/hs-secrets-$version-$target
mkdir -p "$archive/completions"
install -m 755 "$program" "$archive/"
install -m 644 LICENSE README.md CHANGELOG.md SECURITY.md "$archive/"
cp -R man docs "$archive/"
for shell in bash zsh fish; do "$program" completions $shell >"$archive/completions/hs-secrets.$shell"; done
pack "$dist/$(basename "$archive").tar.gz" "$archive"

say "The Debian packages"
control() { # the folder of a package, then the lines of its control file besides those that all have
  mkdir -p "$1/DEBIAN"
  {
    printf 'Package: %s\nVersion: %s\n' "$(basename "$1")" "$version"
    printf 'Maintainer: %s\nSection: vcs\nPriority: optional\n' "$maintainer"
    printf 'Installed-Size: %s\n' "$(du -sk --apparent-size "$1" | cut -f 1)"
    cat
  } >"$1/DEBIAN/control"
  find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
  # How it is packed depends on how many threads pack it.
  dpkg-deb --root-owner-group -Zxz --threads-max=1 --build "$1" "$dist" >/dev/null
}
maintainer=$(git log -1 --format='%cn <%ce>')
papers() { # the folder of a package
  local doc=$1/usr/share/doc/$(basename "$1")
  install -D -m 644 LICENSE "$doc/copyright"
  printf '%s (%s) unstable; urgency=medium\n\n  * CHANGELOG.md of hs-secrets says what is new.\n\n -- %s  %s\n' \
    "$(basename "$1")" "$version" "$maintainer" "$(date -R --date="@$SOURCE_DATE_EPOCH")" | gzip -n -9 >"$doc/changelog.gz"
}
package=$work/hs-secrets-deb/hs-secrets
shared=$package/usr/share
install -D -m 755 "$program" "$package/usr/bin/hs-secrets"
mkdir -p "$shared/man/man1"
for page in man/*.1; do gzip -n -9 <"$page" >"$shared/man/man1/$(basename "$page").gz"; done
install -D -m 644 "$archive/completions/hs-secrets.bash" "$shared/bash-completion/completions/hs-secrets"
install -D -m 644 "$archive/completions/hs-secrets.zsh" "$shared/zsh/vendor-completions/_hs-secrets"
install -D -m 644 "$archive/completions/hs-secrets.fish" "$shared/fish/vendor_completions.d/hs-secrets.fish"
papers "$package"
cp -R README.md CHANGELOG.md SECURITY.md docs "$shared/doc/hs-secrets/"
control "$package" <<CONTROL
Architecture: $architecture
Depends: git (>= 1:2.39)
Suggests: gnupg, docker-cli | docker.io | docker-ce-cli
Description: encrypted files in Git, and the secrets of a Docker Swarm from them
 Encrypts files in a Git repository as git-crypt does, and brings the secrets
 and configs of its stacks to a Docker Swarm, named by their content.
CONTROL
package=$work/git-crypt-deb/hs-secrets-git-crypt
mkdir -p "$package/usr/bin" "$package/usr/share/man/man1"
ln -s hs-secrets "$package/usr/bin/git-crypt"
ln -s hs-secrets.1.gz "$package/usr/share/man/man1/git-crypt.1.gz"
papers "$package"
control "$package" <<CONTROL
Architecture: all
Depends: hs-secrets (>= $version)
Provides: git-crypt
Conflicts: git-crypt
Replaces: git-crypt
Description: hs-secrets under the name git-crypt
 Takes the place of git-crypt: the same commands, files and exit codes.
CONTROL

say "The wheel"
[ -x "$built/venv/bin/pip" ] || python3 -m venv "$built/venv"
# Without the network if these very versions are there already.
"$built/venv/bin/pip" install --quiet --disable-pip-version-check 'maturin==1.16.0' 'wheel==0.45.1'
# maturin takes the folder in which it runs for the package's.
(cd packaging/wheel && SOURCE_DATE_EPOCH=$compiled_at "$built/venv/bin/maturin" build --profile "$profile" --target "$target" --target-dir "$built" \
  --compatibility manylinux2014 --out "$work/wheel" 2>&1) | tail -1
# A static program runs with any C library, musl too. maturin names one of them only.
"$built/venv/bin/python" -m wheel tags --remove --platform-tag "+musllinux_1_1_${target%%-*}" "$work"/wheel/*.whl >/dev/null
mv "$work"/wheel/*.whl "$dist"

say "The context of the image"
image=$work/hs-secrets-$version-image
mkdir "$image"
install -m 755 "$program" "$image/"
sed "s/^ARG VERSION=.*/ARG VERSION=$version/" packaging/image/Dockerfile >"$image/Dockerfile"
pack "$dist/$(basename "$image").tar.gz" "$image"

say "What is in it"
python3 packaging/sbom.py "$target" >"$dist/hs-secrets-$version.cdx.json"
(cd "$dist" && sha256sum -- * >SHA256SUMS && cat SHA256SUMS && du -h -- * | sort -k 2)
say "Released into dist/"
