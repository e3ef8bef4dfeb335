# make bench-sync-pigz: the example pigzlike against pigz.
.PHONY: bench-sync-pigz
bench-sync-pigz: all
	$(SHELL) $(srcdir)/%D%/pigz.sh docs/examples/pigzlike$(EXEEXT)
EXTRA_DIST += %D%/pigz.sh
