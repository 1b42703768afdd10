"""`python -m benchmarks` (`make bench`): every benchmark, one after the other."""

from benchmarks import expiry, front, transitions

for benchmark in (transitions, front, expiry):
    benchmark.main()
