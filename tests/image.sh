#!/usr/bin/env bash
# Builds the container image as a user would, and runs it as docs/serve.md says. Usage: tests/image.sh [PROGRAM]
#
# Where no registry can be reached, Debian's own debootstrap makes the base that packaging/image/Dockerfile names; its steps then run
# as they stand, with Debian's mirror. The engine is a private one, without networks of its own. Then, of the container: who it runs as,
# a read-only root folder, its health, Docker through the socket's group, what it needs of Git and ssh, how it ends, and how large it is.
#
# Needs root on Debian and the network; installs what is missing. It takes some minutes, and is no part of tests/run.sh for that.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-target/debug/hs-secrets}")

say() { printf '\n== %s (after %d:%02d)\n' "$*" $((SECONDS / 60)) $((SECONDS % 60)); }
fail() { echo "FAILED: $*" >&2; exit 1; }
[ "$(id -u)" -eq 0 ] || fail "only root can start an engine: run this as root"
[ -x "$program" ] || fail "there is no $program: cargo build, or name one"
PATH=$PATH:/usr/sbin:/sbin

say "What the test stands on"
missing=()
for wanted in dockerd:docker.io docker:docker.io debootstrap:debootstrap git:git; do
  command -v "${wanted%%:*}" >/dev/null || missing+=("${wanted##*:}")
done
if [ "${#missing[@]}" -gt 0 ]; then
  echo "installing: ${missing[*]}"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
work=$(mktemp -d /tmp/hs-secrets-image.XXXXXX)
clean_up() {
  if [ -f "$work/engine/pid" ]; then
    docker ps --quiet | xargs --no-run-if-empty docker rm --force >/dev/null 2>&1 || true
    docker swarm leave --force >/dev/null 2>&1 || true
    local pid containerd
    pid=$(cat "$work/engine/pid") containerd=$(cat "$work/engine/exec/containerd/containerd.pid")
    kill "$pid" && while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
    kill "$containerd" 2>/dev/null || true
  fi
  awk -v top="$work/" 'index($2, top) == 1 { print $2 }' /proc/mounts | sort -r | xargs --no-run-if-empty -n 1 umount -l
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
export DOCKER_HOST="unix://$work/engine/docker.sock"
mkdir "$work/engine"
setsid dockerd --bridge=none --iptables=false --data-root "$work/engine/data" --exec-root "$work/engine/exec" \
  --pidfile "$work/engine/pid" --host "$DOCKER_HOST" >"$work/engine.log" 2>&1 &
for _ in $(seq 150); do ! docker version >/dev/null 2>&1 || break; sleep 0.2; done
docker swarm init --advertise-addr 127.0.0.1 --listen-addr 127.0.0.1:23771 >/dev/null

base=$(sed -n 's/^FROM //p' packaging/image/Dockerfile)
if docker pull "$base" >/dev/null 2>&1; then
  say "The base is $base from its registry"
else
  say "The base $base is made by debootstrap"
  suite=${base#debian:}
  debootstrap --variant=minbase "${suite%-slim}" "$work/base" >"$work/debootstrap.log" || { tail "$work/debootstrap.log"; fail debootstrap; }
  rm -rf "$work/base/var/cache/apt/archives/"*.deb "$work/base/var/lib/apt/lists/"* "$work/base/usr/share/doc" "$work/base/usr/share/man" \
    "$work/base/usr/share/locale" "$work/base/usr/share/info"
  # As in Debian's own slim images.
  printf 'path-exclude %s/*\n' /usr/share/doc /usr/share/man /usr/share/locale /usr/share/info >"$work/base/etc/dpkg/dpkg.cfg.d/slim"
  tar -C "$work/base" -c . | docker import --change 'CMD ["bash"]' - "$base" >/dev/null
  rm -rf "$work/base"
fi

say "docker build"
mkdir "$work/context"
strip -o "$work/context/hs-secrets" "$program"
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)
sed "s/^ARG VERSION=.*/ARG VERSION=$version/" packaging/image/Dockerfile >"$work/context/Dockerfile"
DOCKER_BUILDKIT=0 docker build --network host --tag hs-secrets:test "$work/context" >"$work/build.log" 2>&1 || { tail -30 "$work/build.log"; fail "docker build"; }
size() { docker image inspect --format '{{.Size}}' "$1" | awk '{ printf "%d MB", $1 / 1000000 }'; }
echo "the image: $(size hs-secrets:test), of which the base $(size "$base") and the program $(du -m "$work/context/hs-secrets" | cut -f 1) MB"
[ "$(docker image inspect --format '{{index .Config.Labels "org.opencontainers.image.version"}}' hs-secrets:test)" = "$version" ] || fail "the label"

say "What is in it"
run() { docker run --rm --network host --read-only --tmpfs /tmp "$@"; }
[ "$(run --entrypoint id hs-secrets:test -u)" = 10001 ] || fail "it does not run as its own user"
for program in git ssh docker hs-secrets; do run --entrypoint sh hs-secrets:test -c "command -v $program" >/dev/null || fail "$program is missing"; done
run --entrypoint docker hs-secrets:test stack deploy --help >/dev/null || fail "no docker stack deploy"
run --entrypoint sh hs-secrets:test -c 'test -s /etc/ssl/certs/ca-certificates.crt' || fail "no certificates"
run hs-secrets:test --version
# ssh wants to know who it is, and where its home is.
run --entrypoint ssh hs-secrets:test -T -G git.example.org | grep '^user hs-secrets$' >/dev/null || fail "ssh does not know its user"

say "The service: read-only, another user than root, the socket by its group"
git init -q --bare --initial-branch main "$work/lab.git"
git clone -q "$work/lab.git" "$work/lab" 2>/dev/null
printf 'version: "3.7"\nconfigs:\n  motd:\n    file: motd\n' >"$work/lab/web.yml"
echo hello >"$work/lab/motd"
git -C "$work/lab" add .
git -C "$work/lab" -c user.name=Tester -c user.email=tester@example.org commit -q -m first
git -C "$work/lab" push -q origin HEAD:main
echo 'a secret of this hook alone' >"$work/hook"
cat >"$work/serve.toml" <<'SETTINGS'
page = "127.0.0.1:8421"
listen = "127.0.0.1:8420"
[repositories.lab]
url = "/srv/lab.git"
full-names = ["ada/lab"]
secret-files = ["/run/secrets/hook"]
[stacks.web]
SETTINGS
chmod -R a+rX "$work/lab.git" "$work/hook" "$work/serve.toml" && chmod 755 "$work" "$work/engine"
# Git wants a remote of its own user, or to be told.
chown -R 10001:10001 "$work/lab.git"
chgrp 4242 "$work/engine/docker.sock" && chmod 660 "$work/engine/docker.sock"
docker volume create state >/dev/null
start_service() {
  docker run --detach --name service --network host --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
    --user 10001:4242 --volume state:/var/lib/hs-secrets --volume "$work/engine/docker.sock:/var/run/docker.sock" \
    --volume "$work/lab.git:/srv/lab.git:ro" --volume "$work/hook:/run/secrets/hook:ro" \
    --volume "$work/serve.toml:/etc/hs-secrets/serve.toml:ro" hs-secrets:test >/dev/null
}
health() { docker inspect --format '{{.State.Health.Status}}' service; }
wait_for_health() { for _ in $(seq 60); do [ "$(health)" != "$1" ] || return 0; sleep 1; done; docker logs service; fail "it is $(health), not $1"; }
started=$(date +%s%N)
start_service
for _ in $(seq 300); do ! docker logs service 2>&1 | grep -q 'listening at' || break; sleep 0.02; done
echo "it listens $((($(date +%s%N) - started) / 1000000)) ms after docker run"
for _ in $(seq 300); do ! docker logs service 2>&1 | grep -q 'of web: deployed' || break; sleep 0.1; done
docker logs service 2>&1 | grep 'of web: deployed' || { docker logs service; fail "nothing was deployed"; }
docker config ls --format '{{.Name}}' | grep '^web_motd-' || fail "the config is not there"
wait_for_health healthy
echo "it is healthy; memory and processes: $(docker stats --no-stream --format '{{.MemUsage}}, {{.PIDs}}' service)"

say "Its end, and its next start on the same volume"
ending=$(date +%s%N)
docker stop service >/dev/null
echo "it ends in $((($(date +%s%N) - ending) / 1000000)) ms, with exit code $(docker inspect --format '{{.State.ExitCode}}' service)"
[ "$(docker inspect --format '{{.State.ExitCode}}' service)" = 0 ] || fail "it was killed"
docker rm service >/dev/null
start_service
for _ in $(seq 300); do ! docker logs service 2>&1 | grep -q 'of web: nothing-to-do' || break; sleep 0.1; done
docker logs service 2>&1 | grep 'run 2 of web: nothing-to-do' || { docker logs service; fail "it did not go on"; }
# A manager would end a task whose check fails, and with it the pushes that come while the Swarm is away.
wait_for_health healthy
docker swarm leave --force >/dev/null
for _ in $(seq 300); do ! docker logs service 2>&1 | grep -q 'is not a swarm manager' || break; sleep 0.1; done
docker logs service 2>&1 | grep 'is not a swarm manager' || { docker logs service; fail "it did not see that the Swarm is away"; }
# Three checks, ten seconds apart, make a container unhealthy.
sleep 45
[ "$(health)" = healthy ] || fail "it is $(health) because the Swarm is away"
# What it says when it is not well.
docker pause service >/dev/null
wait_for_health unhealthy
docker unpause service >/dev/null
say "All of it works"
