# SPDX-License-Identifier: BSD-2-Clause
# Prints a page of docs, README, NEWS or CONTRIBUTING with those paragraphs filled that have
# a line beyond column 90.  Code (indented by four, or between ```), tables and headings stay.
BEGIN { most = 90 }
/^```/ { end_paragraph(); code = !code; print; next }
code || /^(    |\t|\||#|$)/ || /^[-=]+$/ { end_paragraph(); print; next }
/^ *([-*]|[0-9]+\.) / { end_paragraph() }
{
	line[++lines] = $0
	if (length($0) > most && NF > 1)
		wide = 1
}
END { end_paragraph() }

function end_paragraph(   i, indent, current, text, words, word, w, between) {
	if (!wide)
		for (i = 1; i <= lines; i++)
			print line[i]
	else {
		match(line[1], /^ *(([-*]|[0-9]+\.) +)?/)
		current = substr(line[1], 1, RLENGTH)
		indent = sprintf("%" RLENGTH "s", "")
		text = substr(line[1], RLENGTH + 1)
		for (i = 2; i <= lines; i++) {
			sub(/^ +/, "", line[i])
			text = text (double && text ~ /[.!?]["')`]*$/ ? "  " : " ") line[i]
		}
		words = split(text, word, " ")
		between = ""
		for (w = 1; w <= words; w++) {
			text = substr(text, index(text, word[w]) + length(word[w]))
			if (w > 1 && length(current between word[w]) > most) {
				print current
				current = indent word[w]
			} else
				current = current between word[w]
			match(text, /^ */)
			between = substr(text, 1, RLENGTH)
		}
		print current
	}
	lines = wide = 0
}
