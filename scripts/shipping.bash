# shellcheck shell=bash
# What scripts/install and scripts/release share. They source it in the root of the checkout, and
# define `say`, which prints a sentence to standard error.

programs=(larkspur larkspur-work larkspur-sandbox larkspur-shared)

# The pages of the documentation, and what they link to.
documents=(README.md README.zh-CN.md CHANGELOG.md CONTRIBUTING.md SECURITY.md Documentation
  contrib/grafana-dashboard.json contrib/larkspur.rules.yml Sources/Sandbox/Page/screenshot.png
  Tests/Bench/README.md Tests/Bench/RESULTS.md Tests/Bench/staleness.svg Tests/Clients Tests/Examples
  Tests/Simulation/README.md)

units=(larkspur.service larkspur-once.service larkspur-once.timer larkspur-shared@.service)

version() { sed -n 's/^package let larkspurVersion = "\(.*\)"$/\1/p' Sources/Basics/Version.swift; }

# The commit as `--version` shows it, or nothing outside a checkout.
commit() {
  local name changes
  [[ -e .git ]] && name=$(git rev-parse --short=9 HEAD 2>/dev/null) || return 0
  changes=$(git status --porcelain)
  echo "$name${changes:+-modified}"
}

# Exits unless everything that is not compiled is there. A build takes minutes, so this comes first.
require_parts() {
  local part
  for part in "${documents[@]}" "${units[@]/#/contrib/}" contrib/sysusers.d/larkspur.conf \
    contrib/tmpfiles.d/larkspur.conf; do
    [[ -e $part ]] || { say "$part is missing from this checkout; get it again"; exit 66; }
  done
}

# Exits unless this folder holds the programs.
require_programs() {
  local program
  for program in "${programs[@]}"; do
    [[ -x $1/$program ]] || { say "$1 has no program $program (set by --programs)"; exit 66; }
  done
}

# Paths of this machine would make the programs differ from one folder to another.
release_options=(-c release --static-swift-stdlib --disable-local-rpath
  -Xswiftc -file-prefix-map -Xswiftc "$PWD=." -Xcc "-ffile-prefix-map=$PWD=.")

# with_runtime PRODUCT FOLDER: compiles it into FOLDER/runtime-inside/release. Everything that is built as the programs
# are should go here: with other flags, or elsewhere, all of Larkspur is compiled once more.
with_runtime() {
  LARKSPUR_COMMIT=$(commit) swift build "${release_options[@]}" --scratch-path "$2/runtime-inside" \
    --product "$1" </dev/null
}

# build FOLDER: compiles the programs and puts links to them in FOLDER/programs. If larkspur cannot
# be linked statically, it uses shared C libraries, and is_static is empty.
# shellcheck disable=SC2034
is_static=''
build() {
  local build=$1 program kind=fully_static
  mkdir -p "$build/programs"

  echo 'Building the four programs: a few minutes the first time.'
  if [[ $(uname) == Linux ]] && compile larkspur fully_static; then
    # shellcheck disable=SC2034
    is_static=yes
  else
    kind=runtime_inside
    compile_or_show larkspur
  fi
  for program in "${programs[@]:1}"; do
    compile_or_show "$program"
  done
  for program in "${programs[@]}"; do
    ln -sf "../${kind//_/-}/release/$program" "$build/programs/$program"
    kind=runtime_inside
  done
}

# A scratch folder of its own keeps the objects of the other flags valid.
fully_static() {
  LARKSPUR_COMMIT=$(commit) swift build "${release_options[@]}" -Xswiftc -static-executable \
    --scratch-path "$2/fully-static" --product "$1" </dev/null
}

# Quiet, because the linker warns about glibc calls in static programs that Larkspur never makes.
compile() { "${2:-with_runtime}" "$1" "$build" >"$build/$1.log" 2>&1; }

compile_or_show() {
  compile "$1" && return
  cat "$build/$1.log" >&2
  say "cannot build $1: see above"
  exit 1
}

# lay_out PROGRAMS FOLDER PREFIX: fills FOLDER with all that belongs below PREFIX. The programs are
# taken from PROGRAMS.
lay_out() {
  local from=$1 to=$2 prefix=${3%/} program unit document page kind text
  local share=$to/share
  mkdir -p "$to"/{bin,lib/systemd/system} "$share"/man/man1 "$share"/doc/larkspur \
    "$share"/bash-completion/completions "$share"/zsh/site-functions \
    "$share"/fish/vendor_completions.d
  for program in "${programs[@]}"; do
    # These two sections depend on the folder of the build, and nothing reads them.
    strip -R .swift_modhash -R .note.gnu.build-id -o "$to/bin/$program" "$from/$program" \
      2>/dev/null || cp "$from/$program" "$to/bin"
    chmod 755 "$to/bin/$program"
  done
  # With an empty environment: what is installed does not depend on who installs it.
  env -i "$to/bin/larkspur" man --quiet --all "$share/man/man1"
  env -i "$to/bin/larkspur" completions bash >"$share/bash-completion/completions/larkspur"
  env -i "$to/bin/larkspur" completions zsh >"$share/zsh/site-functions/_larkspur"
  env -i "$to/bin/larkspur" completions fish >"$share/fish/vendor_completions.d/larkspur.fish"
  for unit in "${units[@]}"; do
    text=$(<"contrib/$unit")
    printf '%s\n' "${text//'/usr/bin/'/"$prefix/bin/"}" >"$to/lib/systemd/system/$unit"
  done
  for kind in sysusers.d tmpfiles.d; do
    install -D -m 644 "contrib/$kind/larkspur.conf" "$to/lib/$kind/larkspur.conf"
  done
  for document in "${documents[@]}" LICENSE*; do
    [[ -e $document ]] || continue
    # Not the tests beside the programs that the pages link to.
    while IFS= read -r page; do
      install -D -m 644 "$page" "$share/doc/larkspur/$page"
    done < <(find "$document" -type f ! -name 'test_*' ! -path '*/__pycache__/*' ! -path '*/.*')
  done
}
