#!/usr/bin/env bash
# Unpacks docker.io of another Debian suite beside the one that is installed, and installs nothing:
#
#   tests/other_engine.sh FOLDER SUITE
#
# The programs in FOLDER/bin run that engine and its client: PATH=FOLDER/bin:$PATH docker version. The engine sees the rest of
# the machine through mounts of its own, which end with it. Needs root, and Debian's mirror once.
set -euo pipefail
[ $# = 2 ] || { sed -n '4s/^# *//p' "$0" >&2; exit 2; }
folder=$(realpath -m "$1") suite=$2
root=$folder/root apt=$folder/apt
if [ "$(cat "$folder/suite" 2>/dev/null)" = "$suite" ]; then exit 0; fi
rm -rf "$folder"
mkdir -p "$apt"/{lists/partial,cache/archives/partial,sources} "$folder/bin" "$root"

# All that it depends on comes with it: nothing counts as installed.
: >"$apt/status"
cat >"$apt/sources/debian.sources" <<SOURCES
Types: deb
URIs: ${DEBIAN_MIRROR:-http://deb.debian.org/debian}
Suites: $suite
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
options=(
    -qq -o APT::Sandbox::User=root -o "Dir::State::status=$apt/status" -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache"
    -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$apt/sources"
)
apt-get "${options[@]}" update
packages=(docker.io)
# In newer suites the client is a package of its own.
if apt-cache "${options[@]}" show docker-cli >/dev/null 2>&1; then packages+=(docker-cli); fi
apt-get "${options[@]}" install -y --download-only --no-install-recommends "${packages[@]}" >/dev/null

mkdir -p "$root"/usr/{bin,sbin,lib,lib64} "$root"/{dev,proc,sys,tmp,etc,run}
for place in bin sbin lib lib64; do ln -s "usr/$place" "$root/$place"; done
for package in "$apt"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$root"
done
rm -r "$apt"
# What packages do when they are installed.
ln -sf xtables-nft-multi "$root/usr/sbin/iptables"
ln -sf xtables-nft-multi "$root/usr/sbin/ip6tables"
cp /etc/{passwd,group,hosts,resolv.conf} "$root/etc"

cat >"$folder/bin/dockerd" <<WRAPPER
#!/bin/sh
# The engine makes mounts below its root, which must be one itself.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
exec unshare --mount sh -c '
mount --bind "\$0" "\$0" && cd "\$0" || exit
for place in dev proc sys tmp; do mount --rbind "/\$place" "\$place" || exit; done
exec chroot . dockerd "\$@"' '$root' "\$@"
WRAPPER
loader=$(find "$root"/usr/lib64 "$root"/usr/lib -name 'ld-linux*.so*' | head -n 1)
libraries=$(dirname "$(find "$root/usr/lib" -name libc.so.6 | head -n 1)")
cat >"$folder/bin/docker" <<WRAPPER
#!/bin/sh
exec '$loader' --library-path '$libraries' '$root/usr/bin/docker' "\$@"
WRAPPER
chmod +x "$folder"/bin/*
echo "$suite" >"$folder/suite"
