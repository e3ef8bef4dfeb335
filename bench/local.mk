# Benchmarks are built on request, never by `make check`.
