# SPDX-License-Identifier: BSD-2-Clause
# Checks how one C or C++ file is laid out, or with -v mend=1 prints it mended:
#
#     comments   Prose of a comment that begins a line ends at 90 columns and is filled: a
#                line that could take the first word of the next one is a fault.  Prose is
#                what is neither indented beyond the star nor in columns; where a line shall
#                end early, indent it.
#     blanks     None at the end of a line, no two empty lines, none at the file's ends.
#     indent     Tabs, and spaces behind them.
#     braces     Of functions in column one, below a line that begins with the name; of all
#                else at the end of the line, as in "} else {".
#     keywords   A space between if, for, while, switch and the parenthesis.
#
# Only the first two are mended.  With -v cpp=1 the last two do not matter.
BEGIN { most = 90 }
{ line[NR] = $0 }
END {
	for (at = 1; at <= NR; ) {
		if (line[at] ~ /^[ \t]*\/\*/)
			at = comment(at)
		else
			code(at++)
	}
	if (lines > 0 && out[lines] == "")
		lines = fault(NR, "an empty line at the end") + lines - 1
	if (mend)
		for (i = 1; i <= lines; i++)
			print out[i]
}

function fault(at, what) {
	if (!mend)
		print FILENAME ":" at ": " what
	return 0
}

# put(AT, TEXT): a line of the result
function put(at, text) {
	if (text == "" && (lines == 0 || out[lines] == "")) {
		fault(at, lines == 0 ? "an empty line at the begin" : "two empty lines")
		return
	}
	out[++lines] = text
}

# trimmed(AT): the line without blanks at its end
function trimmed(at,   text) {
	text = line[at]
	if (text ~ /[ \t]$/) {
		fault(at, "blanks at the end")
		sub(/[ \t]+$/, "", text)
	}
	return text
}

function code(at,   text, bare, first) {
	text = trimmed(at)
	put(at, text)
	if (text ~ /^[ \t]*(\*|#)/)
		return
	if (text ~ /^[ \t]* \t/)
		fault(at, "a space before a tab")
	if (cpp)
		return
	bare = text
	gsub(/\\["\\]/, "", bare)
	gsub(/"[^"]*"/, "\"\"", bare)
	if (bare ~ /(^|[^A-Za-z0-9_])(if|for|while|switch)\(/)
		fault(at, "a space before the parenthesis")
	if (bare ~ /^[ \t]*else/ && line[at - 1] ~ /^[ \t]*}$/)
		fault(at, "} else { in one line")
	if (bare ~ /^[a-z][^=]*\) \{$/ || bare ~ /^[A-Z]+[A-Z_]*\(.*\) \{$/)
		fault(at, "the brace of a function in column one")
	if (bare ~ /(^|[^A-Za-z0-9_])(char|void|int|size_t|bool|uint64_t)\* ?[a-z]/)
		fault(at, "the star at the name")
	if (bare == "{" && at > 1) {
		for (first = at - 1; first > 1 && line[first] ~ /^([ \t]|$)/; first--)
			;
		if (line[first] !~ /^[A-Za-z_0-9]+\(/ && line[first] !~ /^(extern|struct|#|\/\*)/)
			fault(first, "the name of a function in column one")
	}
}

# width(TEXT): its columns, tabs to multiples of 8
function width(text,   n, i) {
	if (index(text, "\t") == 0)
		return length(text)
	for (i = 1; i <= length(text); i++)
		n = substr(text, i, 1) == "\t" ? n - n % 8 + 8 : n + 1
	return n
}

# comment(AT): the comment that begins there; the line behind it
function comment(at,   last, i, indent, text, known, n, body, from, alone, begin, changed) {
	for (last = at; last < NR && index(line[last], "*/") == 0; last++)
		;
	match(line[at], /^[ \t]*/)
	indent = substr(line[at], 1, RLENGTH)
	known = line[last] ~ /\*\/[ \t]*$/ && line[at] ~ /^[ \t]*\/\*( |$)/ && indent !~ / /
	n = 0
	alone = 0
	for (i = at; i <= last && known; i++) {
		text = substr(trimmed(i), length(indent) + 1)
		if (substr(line[i], 1, length(indent)) != indent || text ~ /\\$/)
			known = 0
		begin = i == at ? "/*" : " *"
		if (i == last && i > at && text == " */") {
			alone = 1
			break
		}
		if (i == last)
			sub(/ ?\*\/$/, "", text)
		if (substr(text, 1, 2) != begin || substr(text, 3, 1) !~ /^ ?$/)
			known = 0
		text = substr(text, 4)
		if (i == at && text == "" && i < last)
			continue
		body[++n] = text
		from[n] = i
	}
	if (!known || n == 0) {
		for (i = at; i <= last; i++)
			put(i, trimmed(i))
		return last + 1
	}
	fill(indent, body, from, n, alone, from[1] > at)
	return last + 1
}

# is_prose(TEXT): not indented, not in columns, not an item of a list
function is_prose(text) {
	return text != "" && text !~ /^[ \t]/ && text !~ /^(-|[0-9]+\.|\*) / && text !~ /^-- / &&
	    text !~ /[^.!?:;,)"'`] [ \t]+[^ ]/ && text !~ /\t/ && text !~ /^SPDX-/
}

# gap(TEXT): what stands between it and the next word
function gap(text) { return text ~ /[.!?]["')`]*$/ ? "  " : " " }

# fill(...): puts the comment with its paragraphs filled; below: its first line is "/*" alone
function fill(indent, body, from, n, alone, below,   i, j, k, rows, row, room, tail, word) {
	room = most - width(indent) - 3
	rows = 0
	for (i = 1; i <= n; i = j) {
		j = i + 1
		if (!is_prose(body[i])) {
			row[++rows] = body[i]
			continue
		}
		while (j <= n && is_prose(body[j]))
			j++
		tail = j > n && !alone ? 3 : 0
		if (!is_bad(body, from, i, j, room, tail))
			for (k = i; k < j; k++)
				row[++rows] = body[k]
		else
			rows = filled(body, i, j, room, tail, row, rows)
	}
	if (below)
		put(from[1] - 1, indent "/*")
	for (i = 1; i <= rows; i++) {
		word = indent (i == 1 && !below ? "/*" : " *") (row[i] == "" ? "" : " " row[i])
		put(from[1], word (i == rows && !alone ? " */" : ""))
	}
	if (alone)
		put(from[n] + 1, indent " */")
}

# is_bad(...): whether lines i to j - 1 are too wide or ragged; tail: of the comment's end
function is_bad(body, from, i, j, room, tail,   k, first, end, bad) {
	for (k = i; k < j; k++) {
		if (length(body[k]) + (k == j - 1 ? tail : 0) > room && index(body[k], " ")) {
			fault(from[k], "prose beyond column " most)
			bad = 1
		}
		if (k == j - 1)
			continue
		first = body[k + 1]
		sub(/ .*/, "", first)
		end = k == j - 2 && first == body[k + 1] ? tail : 0
		if (length(body[k] gap(body[k]) first) + end <= room) {
			fault(from[k], "the next line's first word would fit")
			bad = 1
		}
	}
	return bad
}

# filled(...): the same lines, filled, as rows
function filled(body, i, j, room, tail, row, rows,   k, text, words, word, w, end, current,
    between) {
	text = body[i]
	for (k = i + 1; k < j; k++)
		text = text gap(text) body[k]
	words = split(text, word, " ")
	current = ""
	for (w = 1; w <= words; w++) {
		text = substr(text, index(text, word[w]) + length(word[w]))
		end = w == words ? tail : 0
		if (current != "" && length(current between word[w]) + end > room) {
			row[++rows] = current
			current = word[w]
		} else
			current = current == "" ? word[w] : current between word[w]
		match(text, /^ */)
		between = substr(text, 1, RLENGTH)
	}
	row[++rows] = current
	return rows
}
