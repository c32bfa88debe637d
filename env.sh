export PYTHONPATH=/work/wt/node/src OMP_NUM_THREADS=1 OSTEON_TEST_DATA=/work/shared/data OSTEON_WEIGHTS=/work/shared/weights PATH=/work/main/.venv/bin:$PATH TMPDIR=/tmp/node
mkdir -p /tmp/node
