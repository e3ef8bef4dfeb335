# Man pages and examples.
EXTRA_DIST += %D%/scaling.md
