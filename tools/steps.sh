# Sourced by the scripts beside it: messages, one run at a time, steps with a time limit, Go builds.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }

# Print what identifies the content of the given files.
fingerprint() { cat "$@" | cksum | tr -s ' ' -; }

# Hold the lock FILE until this shell ends. Without flock (macOS) nothing is held: two first runs may then
# do the same work twice, and the last one's result counts.
one_at_a_time() {
  mkdir -p "$(dirname "$1")"
  command -v flock >/dev/null || return 0
  exec 9>"$1"
  flock --nonblock 9 && return
  say "Another run is at work in $(dirname "$1"); waiting for it."
  until flock --timeout 30 9; do say "Still waiting for the other run."; done
}

step_log=
step_pid=

# Run a command without input, its output kept in $step_log: step LABEL SECONDS COMMAND [ARGUMENT...]
# It is ended after SECONDS; every 30 s a line says that it is still at work.
step() {
  local label=$1 limit=$2 began elapsed=0 reported=0 status=0
  shift 2
  began=$(date +%s)
  say "$label ..."
  set -m # a process group of its own, so that the limit and an interrupt end the command's children too
  "$@" >"$step_log" 2>&1 </dev/null 9>&- &
  step_pid=$!
  set +m
  while kill -0 "$step_pid" 2>/dev/null; do
    sleep 0.2
    elapsed=$(($(date +%s) - began))
    if ((elapsed >= limit)); then
      end_step
      say "$label: ended after the limit of $limit s."
      return 124
    fi
    if ((elapsed >= reported + 30)); then
      reported=$elapsed
      say "$label: still at work after $elapsed s."
    fi
  done
  wait "$step_pid" || status=$?
  step_pid=
  if ((status == 0)); then say "$label: done in $elapsed s."; else say "$label: failed after $elapsed s."; fi
  return "$status"
}

# End the running step, for exit traps.
end_step() {
  [ -n "$step_pid" ] || return 0
  kill -TERM -- "-$step_pid" 2>/dev/null || true
  wait "$step_pid" 2>/dev/null || true
  step_pid=
}

oldest_go_minor=25
go_options=(-trimpath -buildvcs=false -ldflags "-s -w")

# Tell whether Go is installed and new enough. What is wrong goes into $why.
go_fits() {
  local version
  if ! command -v go >/dev/null; then
    why="go is not installed"
    return 1
  fi
  version=$(go env GOVERSION)
  if ! [[ $version =~ ^go1\.([0-9]+) ]] || ((BASH_REMATCH[1] < oldest_go_minor)); then
    why="$version is older than go1.$oldest_go_minor"
    return 1
  fi
}

# Run go in FOLDER, without the settings of a user's own Go work: go_here FOLDER ARGUMENT...
go_here() { (cd "$1" && shift && GOFLAGS=-mod=readonly GOWORK=off CGO_ENABLED=0 go "$@"); }
