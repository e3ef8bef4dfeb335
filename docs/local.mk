# Man pages and examples.
dist_man_MANS += \
	%D%/man/filch.3 \
	%D%/man/filch_loop.3 \
	%D%/man/filch_metrics.3 \
	%D%/man/filch_pool.3 \
	%D%/man/filch_reduce.3 \
	%D%/man/filch_task.3

dist_doc_DATA = \
	%D%/deque.md \
	%D%/design.md \
	%D%/sleep.md
