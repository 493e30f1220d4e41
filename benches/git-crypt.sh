#!/usr/bin/env bash
# hs-secrets beside git-crypt and plain Git, on the same files: how long each takes, and how many times faster it is.
# "nothing" is a filter process that gives every file back as it is (benches/nothing.rs): no filter can be faster than
# that. Two processes wake each other for each file, which is cheap on one processor: `taskset -c 0 benches/git-crypt.sh`.
# What can be done again is done three times, by each of them, and the shortest time counts. The last two columns are
# hs-secrets in repositories of other formats: how many times as long it takes there (plain Git takes longer, too).
#
#   benches/git-crypt.sh [--files N] [--large MIB] [--scale N]
#
# --files  how many small files of 1.3 KB (default 2000)
# --large  size of the one large file in MiB (default 256; 0 leaves it out)
# TMPDIR says where; in memory (TMPDIR=/dev/shm) programs are measured, elsewhere the disk as well.
# --scale  instead: status and unlock of N/4, N/2 and N files, with peak memory; they must grow in line
set -euo pipefail
export LC_ALL=C GIT_CONFIG_NOSYSTEM=1 GIT_ADVICE=0

files=2000 large=256 scale=0
while [ $# -gt 0 ]; do
  case "$1" in
    --files) files=$2; shift 2 ;;
    --large) large=$2; shift 2 ;;
    --scale) scale=$2; shift 2 ;;
    *) sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
done

for program in git git-crypt cargo python3; do
  command -v "$program" >/dev/null || { echo "$program is missing: apt-get install $program" >&2; exit 1; }
done
top=$(cd "$(dirname "$0")/.." && pwd)
[ -n "${HS_SECRETS_BUILT:-}" ] ||
  cargo build --release --quiet --manifest-path "$top/Cargo.toml" --bin hs-secrets --example nothing --example wiping
nothing_filter="$top/target/release/examples/nothing"
PATH="$top/target/release:$PATH"

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
export HOME="$room"
git config --global user.name Bench
git config --global user.email bench@example.org
git config --global init.defaultBranch main
git config --global gc.auto 0
git config --global maintenance.auto false
hs-secrets keygen "$room/key" 2>/dev/null

# fill DIRECTORY COUNT MIB: the same bytes on every call.
fill() {
  python3 - "$@" <<'PY'
import os, random, sys
directory, count, large = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
random.seed(1)
for number in range(count):
    folder = f"{directory}/d{number % 50}"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/{number}.secret", "wb") as file:
        file.write(random.randbytes(1300))
if large:
    with open(f"{directory}/large.bin", "wb") as file:
        for _ in range(large):
            file.write(random.randbytes(1 << 20))
PY
}

# seconds COMMAND…: its wall-clock time; its output goes nowhere, a failure shows it.
seconds() {
  local begin end
  begin=$(date +%s%N)
  "$@" >"$room/output" 2>&1 || { cat "$room/output" >&2; echo "failed: $*" >&2; exit 1; }
  end=$(date +%s%N)
  echo $(((end - begin) / 1000)) | awk '{ printf "%.4f", $1 / 1e6 }'
}

# repository DIRECTORY PROGRAM COUNT MIB [FORMAT]: filled and set up, nothing added yet. PROGRAM is none for plain Git, FORMAT an
# option of git init.
repository() {
  git init --quiet ${5:+"$5"} "$1"
  fill "$1" "$3" "$4"
  [ "$2" != none ] || return 0
  printf '*.secret filter=git-crypt diff=git-crypt\n*.bin filter=git-crypt diff=git-crypt\n' >"$1/.gitattributes"
  if [ "$2" = nothing ]; then
    git -C "$1" config filter.git-crypt.process "'$nothing_filter'"
    git -C "$1" config filter.git-crypt.required true
  else
    (cd "$1" && "$2" unlock "$room/key")
  fi
}

# shortest PREPARE COMMAND…: of three times, each after PREPARE, which is a function.
shortest() {
  local prepare=$1
  shift
  for _ in 1 2 3; do
    "$prepare"
    seconds "$@"
    echo
  done | sort -g | head -1
}

at_once() { :; }
nothing_added() { rm -rf .git/index .git/objects/??; }
no_files() { rm -rf d*; }
all_touched() { find . -name '*.secret' -exec touch {} +; }
checkout() { git checkout --quiet -- .; }
touched_status() { git status --porcelain; }
# What comes out goes nowhere: how fast a disk takes it is another matter.
filter() { "$1" "$2" <"$3" >/dev/null; }
start() { for _ in 1 2 3 4 5 6 7 8 9 10; do echo x | "$1" clean >/dev/null; done; }

declare -A time
measure() { # NAME PROGRAM [FORMAT]
  local name=$1 program=$2 place="$room/$1"
  echo "measuring $name …" >&2
  repository "$place" "$program" "$files" 0 "${3:-}"
  cd "$place"
  time[$name,add]=$(shortest nothing_added git add .)
  git commit --quiet --message all
  time[$name,checkout]=$(shortest no_files checkout)
  time[$name,touch]=$(shortest all_touched touched_status)
  if [ "$program" != none ] && [ "$program" != nothing ]; then
    time[$name,status]=$(shortest at_once "$program" status)
    time[$name,lock]=$(seconds "$program" lock)
    time[$name,unlock]=$(seconds "$program" unlock "$room/key")
    time[$name,start]=$(shortest at_once start "$program")
    if [ "$large" -gt 0 ]; then
      fill "$place" 0 "$large"
      "$program" clean <large.bin >"$room/cipher"
      "$program" smudge <"$room/cipher" | cmp - large.bin
      time[$name,clean]=$(shortest at_once filter "$program" clean large.bin)
      time[$name,smudge]=$(shortest at_once filter "$program" smudge "$room/cipher")
    fi
  fi
  if [ "$large" -gt 0 ]; then
    [ -f large.bin ] || fill "$place" 0 "$large"
    time[$name,large]=$(shortest nothing_added git add large.bin)
  fi
  cd "$room"
}

if [ "$scale" -gt 0 ]; then
  printf '%8s %12s %12s %14s %14s\n' files 'status s' 'unlock s' 'status MB' 'unlock MB'
  for count in $((scale / 4)) $((scale / 2)) "$scale"; do
    place="$room/scale-$count"
    repository "$place" hs-secrets "$count" 0
    cd "$place"
    git add . && git commit --quiet --message all
    memory() { # COMMAND…: seconds and peak resident megabytes of it and its children
      python3 -c 'import resource, subprocess, sys, time
begin = time.time(); subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print("%.3f %.0f" % (time.time() - begin, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024))' "$@"
    }
    read -r status status_memory < <(memory hs-secrets status)
    hs-secrets lock
    read -r unlock unlock_memory < <(memory hs-secrets unlock "$room/key")
    printf '%8s %12s %12s %14s %14s\n' "$count" "$status" "$unlock" "$status_memory" "$unlock_memory"
    cd "$room"
    rm -rf "$place"
  done
  exit
fi

measure plain none
measure nothing nothing
measure hs-secrets hs-secrets
measure git-crypt git-crypt
measure sha256 hs-secrets --object-format=sha256
measure reftable hs-secrets --ref-format=reftable

echo "$files files of 1.3 KB; a large file of $large MiB; seconds; $(git --version); $(git-crypt --version 2>&1); $(nproc) processors"
printf '%-24s %10s %10s %10s %10s %9s %8s %10s %8s %10s\n' '' 'plain git' nothing git-crypt hs-secrets faster 'x plain' 'x nothing' \
  'sha256 x' 'reftable x'
row() { # NAME WHAT
  local column printed=()
  [ -n "${time[hs-secrets,$2]:-}" ] || return 0
  for column in plain nothing git-crypt hs-secrets sha256 reftable; do
    printed+=("${time[$column,$2]:--}")
  done
  awk -v name="$1" -v plain="${printed[0]}" -v nothing="${printed[1]}" -v theirs="${printed[2]}" -v ours="${printed[3]}" \
    -v sha256="${printed[4]}" -v reftable="${printed[5]}" '
    function ratio(time, form) { return time == "-" ? "-" : sprintf(form, ours / time) }
    BEGIN {
      printf "%-24s %10s %10s %10s %10s %8.1fx %8s %10s %8.2f %10.2f\n", name, plain, nothing, theirs, ours, theirs / ours,
        ratio(plain, "%.2f"), ratio(nothing, "%.2f"), sha256 / ours, reftable / ours }'
}
row 'git add' add
row 'git checkout' checkout
row 'git status, all touched' touch
row 'status' status
row 'unlock' unlock
row 'lock' lock
row 'clean, large file' clean
row 'smudge, large file' smudge
row 'git add, large file' large
row 'ten starts of clean' start
awk -v wiping="$("$top/target/release/examples/wiping" "$files" 1300)" -v add="${time[hs-secrets,add]}" -v files="$files" 'BEGIN {
  printf "of git add, wiping takes %.1f microseconds a file: %.2f %% (at most 2)\n", wiping / files * 1e6, wiping / add * 100 }'
