#!/usr/bin/env bash
# The service under load: a thousand deliveries at once, a thousand open connections, bodies that are huge, slow or in pieces. How
# long /healthz takes at worst and how much memory the service takes meanwhile; memory and processor time of a service that idles; and
# the time from a push to converged services, beside `docker stack deploy` of the same change by hand.
#
# Needs root, docker.io, busybox-static, python3, curl, openssl and a release build (or PROGRAM, the path of another one); starts a private
# engine and ends it. Prints the numbers of one run, in three minutes. IDLE says for how many seconds it idles, ROUNDS how many pushes there are.
set -euo pipefail
cd "$(dirname "$0")/.."

load=$PWD/benches/serve.py
idle=${IDLE:-60}
rounds=${ROUNDS:-5}
# A thousand connections of the load, and as many files.
ulimit -n 8192

. fixtures/stage.sh
begin_bench python3:python3 curl:curl openssl:openssl

# A stack that uses an encrypted file, and the same for docker alone.
git init -q "$work/lab"
cd "$work/lab"
hs-secrets init 2>/dev/null
echo 'secrets/* filter=git-crypt diff=git-crypt' >.gitattributes
mkdir secrets
stack_of() { # the lines of its secret
    cat <<STACK
version: "3.7"
services:
  app:
    image: stand-in:1
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
    stack_of '    name: token-${VERSION}' >"$work/by-hand.yml"
}
mkdir "$work/secrets"
change() { echo "secret $1" | tee secrets/token >"$work/secrets/token"; }
change 0
git add .
git -c core.hooksPath=/dev/null commit -qm 'The first one'
hs-secrets export-key "$work/key"
git clone -q --bare . "$work/home-lab.git"

begin_settings
printf 'key-file = "key"\n[stacks.web]\n' >>"$work/serve.toml"
start_service
wait_for 'web: deployed'

now() { echo "${EPOCHREALTIME/[.,]/}"; }
seconds() { printf '%d.%02d s' $(($1 / 1000000)) $(($1 / 10000 % 100)); }
median() { sort -n | sed -n "$(((rounds + 1) / 2))p"; }
ticks() { awk '{ print $14 + $15 }' "/proc/$serve_pid/stat"; }
memory() { awk -v name="$1:" '$1 == name { printf "%.1f MB", $2 / 1024 }' "/proc/$serve_pid/status"; }

echo "idle for $idle s:"
before=$(ticks)
sleep "$idle"
printf '  memory %s, the most so far %s, processor time %d ms\n' "$(memory VmRSS)" "$(memory VmHWM)" \
    $((($(ticks) - before) * 1000 / $(getconf CLK_TCK)))

echo "from a push to converged services, $rounds rounds each:"
for round in $(seq "$rounds"); do
    change "$round"
    git add .
    git -c core.hooksPath=/dev/null commit -qm "Round $round"
    git push -q "$work/home-lab.git" main
    commit=$(git rev-parse HEAD)
    begun=$(now)
    deliver "$commit" '?wait=true' >/dev/null || fail "a push was not deployed: $(tail -n 3 "$work/serve.log")"
    echo $(($(now) - begun)) >>"$work/pushed"
    # The same change by hand, and converged when docker says that its update is.
    if [ "$round" = 1 ]; then
        VERSION=0 docker stack deploy --resolve-image never --compose-file "$work/by-hand.yml" hand >/dev/null 2>&1
        until docker service ps --filter desired-state=running --format '{{.CurrentState}}' hand_app | grep -q '^Running'; do sleep 0.1; done
    fi
    begun=$(now)
    VERSION=$round docker stack deploy --resolve-image never --compose-file "$work/by-hand.yml" hand >/dev/null 2>&1
    until [ "$(docker service inspect --format '{{.UpdateStatus.State}}' hand_app)" = completed ] &&
        docker service inspect --format '{{json .Spec}}' hand_app | grep -q "token-$round\""; do sleep 0.02; done
    echo $(($(now) - begun)) >>"$work/by-hand"
done
echo "  by the service: $(seconds "$(median <"$work/pushed")")," \
    "by hand: $(seconds "$(median <"$work/by-hand")") (the median)"

echo "under load (what took how long, /healthz, the most memory, answers):"
for kind in deliveries through_a_proxy silent heads huge slow chunked; do
    python3 "$load" "$forges" "$page" "$serve_pid" "$hook_secret" "$(git rev-parse HEAD)" "$kind"
done
sleep 2
echo "afterwards: memory $(memory VmRSS); of the log: $(wc -l <"$work/serve.log") lines"
