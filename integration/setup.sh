#!/usr/bin/env bash
# Installs what the integration suite and the benchmark's peers need, at pinned versions, inside the repository:
#   .venv         Python packages (requirements.txt)
#   .tools/jars   Delta for Spark (pom.xml)
#   .tools/tpc    Python packages again (requirements-tpc.txt): the DuckDB that has TPC-H and TPC-DS is another version
#   .tools        versitygw, an S3 server
# Go and Python 3.11 or later must be there; a Java compiler, Maven and the venv module are installed by apt-get where they are missing.
# What is already installed at the wanted version is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."

versitygw=v1.8.0

system_packages() {
  local missing=()
  command -v javac >/dev/null || missing+=(openjdk-17-jdk-headless)
  command -v mvn >/dev/null || missing+=(maven)
  python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
  [ ${#missing[@]} -eq 0 ] && return
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

python_packages() {
  [ -x .venv/bin/python ] || python3 -m venv .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --retries 10 --requirement integration/requirements.txt
}

tpc_packages() {
  [ -x .tools/tpc/bin/python ] || python3 -m venv .tools/tpc
  .tools/tpc/bin/python -m pip install --quiet --disable-pip-version-check --retries 10 --requirement integration/requirements-tpc.txt
}

delta_jars() {
  mvn --batch-mode --quiet --file integration/pom.xml dependency:copy-dependencies \
    -DincludeGroupIds=io.delta,io.unitycatalog -DoutputDirectory="$PWD/.tools/jars"
}

s3_server() {
  GOBIN="$PWD/.tools" go install "github.com/versity/versitygw/cmd/versitygw@$versitygw"
}

# once NAME FILE COMMAND runs the command unless it has already succeeded with this very file and script.
once() {
  local stamp=".tools/$1.done" sum
  sum=$(cat "$2" integration/setup.sh | sha256sum)
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ]; then
    return
  fi
  echo "setup: $1"
  "$3"
  printf '%s\n' "$sum" >"$stamp"
}

mkdir -p .tools
system_packages
once python integration/requirements.txt python_packages
once tpc integration/requirements-tpc.txt tpc_packages
once jars integration/pom.xml delta_jars
once versitygw integration/setup.sh s3_server
