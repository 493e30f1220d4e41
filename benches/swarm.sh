#!/usr/bin/env bash
# Speed against the Swarm: `sync` of 100 new objects beside `docker stack deploy` of the same, and with nothing to do; then
# seconds, processor time and memory of what only looks, with 500 and 5,000 objects and 200 services, beside docker's own
# listings.
#
# Needs root, docker.io, time and a release build (or PROGRAM, the path of another one); starts a private engine and ends it. Prints
# the numbers of one run. Other sizes: `benches/swarm.sh 50 500 20` (objects, objects, services).
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=7
objects=100
sizes=("${1:-500}" "${2:-5000}")
services=${3:-200}

. fixtures/stage.sh
begin_bench /usr/bin/time:time

# One repository: half of the objects secrets, encrypted in Git, of 1.3 KB each.
git init -q "$work/lab"
cd "$work/lab"
hs-secrets init 2>/dev/null
echo 'secrets/* filter=git-crypt diff=git-crypt' >.gitattributes
mkdir secrets config
{
    echo 'version: "3.7"'
    echo 'services: {}'
    for kind in secrets config; do
        [ "$kind" = secrets ] && echo 'secrets:' || echo 'configs:'
        for number in $(seq $((objects / 2))); do
            file=$kind/file-$number
            { echo "$file"; head -c 975 /dev/urandom | base64 -w 64; } >"$file"
            printf '  %s-%s:\n    file: %s\n' "${kind%s}" "$number" "$file"
        done
    done
} >bench.yml
git add .
git commit -qm 'A hundred objects'

now() { echo "${EPOCHREALTIME/[.,]/}"; }

# The fastest of some rounds in microseconds: what else the machine does only ever makes it slower.
fastest() {
    local best=
    for _ in $(seq "$rounds"); do
        "$2"
        local begun ended
        begun=$(now)
        $1 >/dev/null 2>&1 || fail "\`$1\` failed"
        ended=$(now)
        if [ -z "$best" ] || [ $((ended - begun)) -lt "$best" ]; then best=$((ended - begun)); fi
    done
    echo "$best"
}

emptied() {
    local names
    for kind in secret config; do
        names=$(docker $kind ls --quiet)
        # shellcheck disable=SC2086 # one word a name
        [ -z "$names" ] || docker $kind rm $names >/dev/null
    done
}
as_it_is() { :; }

docker_time=$(fastest 'docker stack deploy --compose-file bench.yml bench' emptied)
[ "$(docker secret ls --quiet | wc -l)" = $((objects / 2)) ] || fail "docker did not create all"
sync_time=$(fastest 'hs-secrets sync bench' emptied)
[ "$(docker secret ls --quiet | wc -l)" = $((objects / 2)) ] || fail "hs-secrets did not create all"
nothing_time=$(fastest 'hs-secrets sync bench' as_it_is)
docker_again_time=$(fastest 'docker stack deploy --compose-file bench.yml bench' emptied)
[ "$docker_again_time" -gt "$docker_time" ] || docker_time=$docker_again_time

milliseconds() { printf '%d.%d ms' $(($1 / 1000)) $(($1 / 100 % 10)); }
ratio() { printf '%d.%02d' $(($1 / $2)) $(($1 * 100 / $2 % 100)); }
echo "$objects new objects: docker stack deploy $(milliseconds "$docker_time"), sync $(milliseconds "$sync_time"):" \
    "$(ratio "$docker_time" "$sync_time") times docker's speed (to reach: 1)"
echo "nothing to do: sync $(milliseconds "$nothing_time") (to reach: 50 ms)"

# Services of no tasks: what is measured is looking at them.
tar -c --files-from /dev/null | docker import - bench:1 >/dev/null
stack_of() { # objects
    local number kind
    echo 'version: "3.7"'
    echo 'services:'
    for number in $(seq "$services"); do
        printf '  service-%s: {image: "bench:1", command: [x], deploy: {replicas: 0}, configs: [config-%s]}\n' "$number" "$number"
    done
    for kind in secret config; do
        echo "${kind}s:"
        for number in $(seq $(($1 / 2))); do
            printf '  %s-%s: {file: many/%s-%s}\n' "$kind" "$number" "$kind" "$number"
        done
    done
}
measured() { # what it is called, then the command: the fastest of some rounds, its mean processor time, and the most memory
    local name=$1 best= memory= processor=0 round seconds kilobytes user system
    shift
    for round in $(seq "$rounds"); do
        /usr/bin/time -q -f '%e %M %U %S' -o "$work/time" "$@" >/dev/null 2>&1 || true
        read -r seconds kilobytes user system <"$work/time"
        processor=$((processor + 10#${user/./} + 10#${system/./}))
        if [ -z "$best" ] || [ $((10#${seconds/./})) -lt $((10#${best/./})) ]; then best=$seconds; fi
        if [ -z "$memory" ] || [ "$kilobytes" -gt "$memory" ]; then memory=$kilobytes; fi
    done
    printf '  %-28s %6s s %5d ms %5d MiB\n' "$name" "$best" $((processor * 10 / rounds)) $((memory / 1024))
}
docker stack rm bench >/dev/null 2>&1 || true
emptied
echo 'many/secret-* filter=git-crypt diff=git-crypt' >.gitattributes
mkdir many
for count in "${sizes[@]}"; do
    for kind in secret config; do
        for number in $(seq $((count / 2))); do echo "$kind $number" >"many/$kind-$number"; done
    done
    stack_of "$count" >many.yml
    git add .
    git commit -qm "$count objects"
    hs-secrets deploy many -- --resolve-image never >/dev/null 2>"$work/deployed" ||
        fail "the deployment failed: $(tail -n 2 "$work/deployed")"
    echo "$count objects, $services services (seconds, processor time, memory):"
    measured 'docker secret ls' docker secret ls
    measured 'docker service ls' docker service ls
    measured 'plan' hs-secrets plan many
    measured 'ls' hs-secrets ls many
    measured 'prune --dry-run' hs-secrets prune --dry-run many
    measured 'sync, nothing to do' hs-secrets sync many
done
