/* SPDX-License-Identifier: BSD-2-Clause */
#include "wait/backtrace.h"

#include "base/compiler.h"

#include <stdint.h>

#if defined(__has_include)
#if __has_include(<execinfo.h>) && __has_include(<link.h>)
#define HAVE_SITES
#endif
#endif

#ifdef HAVE_SITES
#include <execinfo.h>
#include <link.h>

/* The code of the library, as the loader has placed it. */
struct code {
	uintptr_t begin, end;
	int objects;        /* that were looked at; the first is the program */
};

static int
find_code(struct dl_phdr_info *object, size_t size, void *context)
{
	struct code *code = context;

	(void)size;
	code->objects++;
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[i];
		uintptr_t begin = object->dlpi_addr + part->p_vaddr;

		if (part->p_type == PT_LOAD && (uintptr_t)flc_call_sites - begin < part->p_memsz) {
			code->begin = begin;
			code->end = begin + part->p_memsz;
			return 1;
		}
	}
	return 0;
}

/* The way from the wait to the call. */
#define INSIDE 16
#define MOST 32

FLC_COLD int
flc_call_sites(const void **site, size_t most)
{
	struct code code = { 0, 0, 0 };
	void *address[MOST + INSIDE];
	int n, first = 1, shared;
	size_t kept = 0;

	(void)dl_iterate_phdr(find_code, &code);
	shared = code.end != 0 && code.objects > 1;
	n = backtrace(address, MOST + INSIDE);
	while (shared && first < n
	    && (uintptr_t)address[first] - code.begin < code.end - code.begin)
		first++;
	for (int i = first; i < n && kept < most; i++)
		site[kept++] = address[i];
	while (kept < most)
		site[kept++] = NULL;
	return shared;
}

#else

FLC_COLD int
flc_call_sites(const void **site, size_t most)
{
	for (size_t i = 0; i < most; i++)
		site[i] = NULL;
	return 1;
}

#endif
