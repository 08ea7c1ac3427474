#!/usr/bin/env bash
# Runs a module of this folder with what makes PyTorch fast on a CPU: `training/cpu.sh -m model.train --run RUN`. Debian's
# PyTorch is seen by /usr/bin/python3 alone; tcmalloc saves most of the system time; LENSLET_PYTHON names another
# interpreter.
set -euo pipefail
cd "$(dirname "$0")"
for allocator in /usr/lib/*-linux-gnu/libtcmalloc_minimal.so.4; do
  if [ -e "$allocator" ]; then export LD_PRELOAD="$allocator"; fi
done
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-$(nproc)}" PYTHONPATH="$PWD" PYTHONUNBUFFERED=1
exec nice -n 10 "${LENSLET_PYTHON:-/usr/bin/python3}" "$@"
