/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/memory.h"

#include "base/compiler.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/*
 * LeakSanitizer does not look into mappings, where workers keep pointers to
 * what the allocator gave; the program may have it although we were built
 * without.
 */
void __lsan_register_root_region(const void *region, size_t size) __attribute__((weak));
void __lsan_unregister_root_region(const void *region, size_t size) __attribute__((weak));

static void *
allocate(void *context, size_t size, size_t align)
{
	(void)context;
	return aligned_alloc(align, (size + align - 1) / align * align);
}

static void
release(void *context, void *block, size_t size)
{
	(void)context;
	(void)size;
	free(block);
}

const struct flc_memory flc_memory_default = { allocate, release, NULL };

flc_atomic flc_memory_calls[FILCH_MEMORY_USES];

void *
flc_memory_get_for(enum filch_memory_use use, const struct flc_memory *memory, size_t size,
    size_t align)
{
	void *block = memory->allocate(memory->context, size, align);

	(void)flc_add_full(&flc_memory_calls[use], 1);
	if (block != NULL)
		memset(block, 0, size);
	return block;
}

void
flc_memory_put(const struct flc_memory *memory, void *block, size_t size)
{
	if (block != NULL)
		memory->release(memory->context, block, size);
}

void *
flc_memory_reserve(size_t size)
{
	void *block = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (block == MAP_FAILED)
		return NULL;
	if (__lsan_register_root_region != NULL)
		__lsan_register_root_region(block, size);
	return block;
}

void
flc_memory_forget(void *block, size_t size)
{
	(void)madvise(block, size, MADV_DONTNEED);
}

void
flc_memory_unreserve(void *block, size_t size)
{
	if (block == NULL)
		return;
	if (__lsan_unregister_root_region != NULL)
		__lsan_unregister_root_region(block, size);
	munmap(block, size);
}
