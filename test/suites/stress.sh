#!/bin/bash
# Runs stress-ng's stressors one by one inside a machine, a second each, and shows what failed, hung (rc 124) or was left behind:
#   kspace image build stress --packages bash,coreutils,stress-ng,procps
#   kspace run -v ./test/suites:/suites stress -- bash /suites/stress.sh cpu vm fork …
for s in "$@"; do
  cd /tmp || exit 1
  timeout -k 3 $((30 + ${SECONDS_EACH:-1} * 2)) stress-ng --"$s" 1 --verify --oom-avoid -t "${SECONDS_EACH:-1}" >/tmp/out 2>&1
  echo "$s: rc $? free $(awk '/MemFree/ { print $2 }' /proc/meminfo) kB, $(ls -d /proc/[0-9]* | wc -l) processes"
  awk '/fail:|error:|WARNING|skip|kernel BUG/ && !/skipped: 0/' /tmp/out
done
