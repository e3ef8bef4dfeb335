#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What filch_metrics_write() writes is accepted by those it is for: promtool,
# the strict OpenMetrics parser of Prometheus' Python client, Python's json.
LC_ALL=C.UTF-8
export LC_ALL
program=tests/check_formats
test -x $program || { echo "no tests were built here"; exit 77; }
unset FILCH_METRICS
status=0
tried=0
fail() {
	echo "$*"
	status=1
}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/filch-export.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM

# The numbers are those of enum filch_metrics_format.
n=0
for format in text json openmetrics prometheus; do
	$program write $n > "$tmp/$format" || fail "$format: exit code $?"
	test -s "$tmp/$format" || fail "$format: nothing written"
	n=$((n + 1))
done

if command -v promtool > /dev/null; then
	tried=$((tried + 1))
	promtool check metrics < "$tmp/prometheus" || fail "promtool refuses the Prometheus text"
	# The tool must be able to refuse.
	sed 's/filch_worker_parks_total/filch_worker_parks/' "$tmp/prometheus" |
	    promtool check metrics > /dev/null 2>&1 &&
		    fail "promtool takes a counter without _total"
else
	echo "skipped: no promtool (Debian: prometheus)"
fi

# Debian's package is for Debian's interpreter.
python=
for candidate in python3 /usr/bin/python3; do
	command -v $candidate > /dev/null || continue
	test -n "$python" || python=$candidate
	$candidate -c 'import prometheus_client.openmetrics' 2> /dev/null && python=$candidate
done

if test -n "$python"; then
	tried=$((tried + 1))
	$python - "$tmp/json" << 'END' || fail "json: refused"
import json, sys

report = json.load(open(sys.argv[1], encoding="utf-8"))
assert {m["name"] for m in report["mutexes"]} >= {"cache", "brief", 'quo"te\\back\nline\ttab'}
for pool in report["pools"]:
	rows = pool["rows"]
	for counter in ("tasks_run", "parks", "stolen_tasks"):
		assert pool["sum"][counter] == sum(row[counter] for row in rows), counter
	for state in pool["sum"]["time_seconds"]:
		total = sum(row["time_seconds"][state] for row in rows)
		assert abs(pool["sum"]["time_seconds"][state] - total) < 1e-6, state
for mutex in report["mutexes"]:
	assert mutex["wait"]["count"] <= mutex["contended"] <= mutex["acquisitions"]
	assert mutex["wait"]["count"] == sum(n for _, n in mutex["wait"]["buckets"])
for channel in report["channels"]:
	assert channel["receives"] <= channel["sends"]
	assert channel["sends"] - channel["receives"] == channel["depth"]
END
else
	echo "skipped: no python3"
fi

if test -n "$python" && $python -c 'import prometheus_client.openmetrics' 2> /dev/null; then
	tried=$((tried + 1))
	$python - "$tmp/openmetrics" << 'END' || fail "openmetrics: refused"
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families

text = open(sys.argv[1], encoding="utf-8", errors="replace").read()
families = {f.name: f for f in text_string_to_metric_families(text)}
for name in ("filch_worker_tasks_run", "filch_worker_steal_attempts", "filch_worker_time_seconds",
    "filch_task_run_seconds", "filch_task_sched_delay_seconds", "filch_wake_latency_seconds",
    "filch_mutex_acquisitions", "filch_mutex_wait_seconds", "filch_channel_send_blocked",
    "filch_channel_dwell_seconds", "filch_pool_workers", "filch_build", "filch_pool"):
	assert families[name].samples, name
labels = {s.labels["mutex"] for s in families["filch_mutex_acquisitions"].samples}
assert 'quo"te\\back\nline\ttab' in labels, labels
assert families["filch_worker_time_seconds"].unit == "seconds"
# The parser must be able to refuse.
for broken in (text.replace("# EOF\n", ""), text.replace("le=\"+Inf\"", "le=\"9\"")):
	try:
		list(text_string_to_metric_families(broken))
	except ValueError:
		continue
	raise SystemExit("the parser takes a broken text")
END
else
	echo "skipped: no prometheus_client (Debian: python3-prometheus-client)"
fi
test $tried -gt 0 || exit 77
exit $status
