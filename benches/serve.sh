#!/usr/bin/env bash
# The service under load: a thousand deliveries at once, a thousand open connections, bodies that are huge, slow or in pieces. How
# long /healthz takes at worst and how much memory the service takes meanwhile; memory and processor time of a service that idles; and
# the time from a push to converged services, beside `docker stack deploy` of the same change by hand.
#
# Needs root, docker.io, busybox-static, python3 and a release build (or PROGRAM, the path of another one); starts a private engine and
# ends it. Prints the numbers of one run, in three minutes. IDLE says for how many seconds it idles, ROUNDS how many pushes there are.
set -euo pipefail
cd "$(dirname "$0")/.."

program=${PROGRAM:-$PWD/target/release/hs-secrets}
load=$PWD/benches/serve.py
idle=${IDLE:-60}
rounds=${ROUNDS:-5}

fail() {
    echo "benches/serve.sh: $*" >&2
    exit 1
}
[ "$(id -u)" = 0 ] || fail "starting an engine needs root"
command -v dockerd docker git python3 busybox >/dev/null || fail "apt-get install docker.io git python3 busybox-static"
[ -x "$program" ] || fail "no $program: cargo build --release"
# A thousand connections of the load, and as many files.
ulimit -n 8192

folder=$(mktemp -d)
engine= service=
end() {
    [ -z "$service" ] || kill "$service" 2>/dev/null || true
    if [ -n "$engine" ]; then
        docker service ls -q 2>/dev/null | xargs -r docker service rm >/dev/null 2>&1 || true
        for _ in $(seq 50); do [ -n "$(docker ps -q 2>/dev/null)" ] || break; sleep 0.1; done
        kill "$(cat "$folder/pid" 2>/dev/null || echo "$engine")" 2>/dev/null || true
        wait "$engine" 2>/dev/null || true
    fi
    awk -v below="$folder/" 'index($2, below) == 1 { print $2 }' /proc/self/mounts | sort -r | xargs -r umount --lazy
    rm -rf "$folder"
}
trap end EXIT

export HOME=$folder/home DOCKER_HOST=unix://$folder/docker.sock
mkdir "$HOME"
git config --global user.name Bench
git config --global user.email bench@example.org
git config --global init.defaultBranch main

setsid dockerd --bridge=none --iptables=false --data-root "$folder/data" --exec-root "$folder/exec" \
    --pidfile "$folder/pid" --host "$DOCKER_HOST" >"$folder/log" 2>&1 &
engine=$!
for _ in $(seq 300); do
    docker version >/dev/null 2>&1 && break
    sleep 0.1
done
docker swarm init --advertise-addr 127.0.0.1 --listen-addr 127.0.0.1:23798 >/dev/null ||
    fail "the engine did not start: $(tail -n 3 "$folder/log")"
mkdir -p "$folder/image/bin"
cp "$(command -v busybox)" "$folder/image/bin/"
ln -s busybox "$folder/image/bin/sleep"
tar -C "$folder/image" -c . | docker import --change 'CMD ["sleep", "100000"]' - bench:1 >/dev/null

# A stack that uses an encrypted file, and the same for docker alone.
git init -q "$folder/lab"
cd "$folder/lab"
"$program" init 2>/dev/null
echo 'secrets/* filter=git-crypt diff=git-crypt' >.gitattributes
mkdir secrets
stack_of() { # the lines of its secret
    cat <<STACK
version: "3.7"
services:
  app:
    image: bench:1
    stop_grace_period: 0s
    networks: [host]
    secrets: [token]
    deploy:
      update_config: {monitor: 100ms}
networks:
  host: {external: true, name: host}
secrets:
  token:
    file: secrets/token
$1
STACK
}
# shellcheck disable=SC2016 # docker's own variable
{
    stack_of '' >web.yml
    stack_of '    name: token-${VERSION}' >"$folder/by-hand.yml"
}
mkdir "$folder/secrets"
change() { echo "secret $1" | tee secrets/token >"$folder/secrets/token"; }
change 0
git add .
git -c core.hooksPath=/dev/null commit -qm 'The first one'
"$program" export-key "$folder/key"
git clone -q --bare . "$folder/remote.git"

secret=$(head -c 24 /dev/urandom | base64)
echo "$secret" >"$folder/hook"
cat >"$folder/serve.toml" <<SETTINGS
listen = "127.0.0.1:0"
page = "127.0.0.1:0"
state = "state"
docker-arguments = ["--resolve-image", "never"]
[repositories.lab]
url = "$folder/remote.git"
full-names = ["ada/home-lab"]
key-file = "key"
secret-files = ["hook"]
[stacks.web]
SETTINGS
"$program" serve --config "$folder/serve.toml" >"$folder/served" 2>&1 &
service=$!
for _ in $(seq 100); do
    grep -q 'listening at' "$folder/served" && break
    sleep 0.1
done
read -r forges page < <(sed -n 's/.*listening at \(.*\) for forges, and at \(.*\) for the page/\1 \2/p' "$folder/served") ||
    fail "it does not listen: $(cat "$folder/served")"
for _ in $(seq 300); do
    grep -q 'web: deployed' "$folder/served" && break
    sleep 0.1
done
grep -q 'web: deployed' "$folder/served" || fail "nothing was deployed: $(cat "$folder/served")"

now() { echo "${EPOCHREALTIME/[.,]/}"; }
seconds() { printf '%d.%02d s' $(($1 / 1000000)) $(($1 / 10000 % 100)); }
median() { sort -n | sed -n "$(((rounds + 1) / 2))p"; }
ticks() { awk '{ print $14 + $15 }' "/proc/$service/stat"; }
memory() { awk -v name="$1:" '$1 == name { printf "%.1f MB", $2 / 1024 }' "/proc/$service/status"; }

echo "idle for $idle s:"
before=$(ticks)
sleep "$idle"
printf '  memory %s, the most so far %s, processor time %d ms\n' "$(memory VmRSS)" "$(memory VmHWM)" \
    $((($(ticks) - before) * 1000 / $(getconf CLK_TCK)))

deliver() { # the commit: the answer comes when it is deployed
    local body signature
    body='{"ref":"refs/heads/main","after":"'$1'","deleted":false,"repository":{"full_name":"ada/home-lab"}}'
    signature=$(printf %s "$body" | openssl dgst -sha256 -hmac "$secret" | sed 's/.* //')
    python3 - "$forges" "$body" "$signature" <<'PYTHON'
import sys, urllib.request
forges, body, signature = sys.argv[1:]
headers = {"X-GitHub-Event": "push", "X-GitHub-Delivery": signature, "X-Hub-Signature-256": "sha256=" + signature}
urllib.request.urlopen(urllib.request.Request(f"http://{forges}/hooks/github?wait=true", body.encode(), headers)).read()
PYTHON
}
echo "from a push to converged services, $rounds rounds each:"
for round in $(seq "$rounds"); do
    change "$round"
    git add .
    git -c core.hooksPath=/dev/null commit -qm "Round $round"
    git push -q "$folder/remote.git" main
    commit=$(git rev-parse HEAD)
    begun=$(now)
    deliver "$commit" || fail "a push was not deployed: $(tail -n 3 "$folder/served")"
    echo $(($(now) - begun)) >>"$folder/pushed"
    # The same change by hand, and converged when docker says that its update is.
    if [ "$round" = 1 ]; then
        VERSION=0 docker stack deploy --resolve-image never --compose-file "$folder/by-hand.yml" hand >/dev/null 2>&1
        until docker service ps --filter desired-state=running --format '{{.CurrentState}}' hand_app | grep -q '^Running'; do sleep 0.1; done
    fi
    begun=$(now)
    VERSION=$round docker stack deploy --resolve-image never --compose-file "$folder/by-hand.yml" hand >/dev/null 2>&1
    until [ "$(docker service inspect --format '{{.UpdateStatus.State}}' hand_app)" = completed ] &&
        docker service inspect --format '{{json .Spec}}' hand_app | grep -q "token-$round\""; do sleep 0.02; done
    echo $(($(now) - begun)) >>"$folder/by-hand"
done
echo "  by the service: $(seconds "$(median <"$folder/pushed")")," \
    "by hand: $(seconds "$(median <"$folder/by-hand")") (the median)"

echo "under load (what took how long, /healthz, the most memory, answers):"
for kind in deliveries through_a_proxy silent heads huge slow chunked; do
    python3 "$load" "$forges" "$page" "$service" "$secret" "$(git rev-parse HEAD)" "$kind"
done
sleep 2
echo "afterwards: memory $(memory VmRSS); of the log: $(wc -l <"$folder/served") lines"
