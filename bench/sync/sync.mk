# make bench-sync: what blocks, against its peers: each part by itself, one after
# the other, and then the rows that have a target.
.PHONY: bench-sync
bench-sync:
	@for part in mutex channel pigz counting; do \
		echo; echo "== bench-sync-$$part"; \
		$(MAKE) $(AM_MAKEFLAGS) bench-sync-$$part > %D%/$$part.out 2>&1 \
			|| { tail -n 20 %D%/$$part.out; exit 1; }; \
		sed '/^make/d; /^[/a-z]*sh .*\.sh /d; /^  [A-Z]/d' %D%/$$part.out; \
	done
	@echo; echo "== the rows that have a target"
	@$(SHELL) $(srcdir)/%D%/summary.sh %D%
CLEANFILES += %D%/mutex.out %D%/channel.out %D%/pigz.out %D%/counting.out
EXTRA_DIST += %D%/summary.sh
