# Benchmarks are built on request, never by `make check`.
include bench/simulate/local.mk
