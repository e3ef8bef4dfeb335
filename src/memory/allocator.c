/* SPDX-License-Identifier: BSD-2-Clause */
#include "memory/allocator.h"

#include "base/compiler.h"
#include "base/size.h"

#include <filch/pool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/*
 * LeakSanitizer does not look into mappings, where workers keep pointers to what the
 * allocator gave; the program may have it although we were built without.
 */
void __lsan_register_root_region(const void *region, size_t size) __attribute__((weak));
void __lsan_unregister_root_region(const void *region, size_t size) __attribute__((weak));

static void *
allocate(void *context, size_t size, size_t align)
{
	size_t rounded;

	(void)context;
	return flc_size_rounded(size, 0, align, &rounded) ? aligned_alloc(align, rounded) : NULL;
}

static void
release(void *context, void *block, size_t size)
{
	(void)context;
	(void)size;
	free(block);
}

const struct flc_memory flc_memory_default = { allocate, release, NULL };

bool
flc_memory_of(struct flc_memory *memory, const struct filch_allocator *allocator)
{
	*memory = flc_memory_default;
	if (allocator == NULL)
		return true;
	if (allocator->allocate == NULL || allocator->release == NULL)
		return false;
	memory->allocate = allocator->allocate;
	memory->release = allocator->release;
	memory->context = allocator->context;
	return true;
}

flc_atomic flc_memory_calls[FILCH_MEMORY_USES];

void *
flc_memory_alloc_raw(enum filch_memory_use use, const struct flc_memory *memory, size_t size,
    size_t align)
{
	/* A user's allocator is not asked for what nobody can have. */
	void *block = size <= PTRDIFF_MAX ? memory->allocate(memory->context, size, align) : NULL;

	(void)flc_add_full(&flc_memory_calls[use], 1);
	return block;
}

void *
flc_memory_alloc_for(enum filch_memory_use use, const struct flc_memory *memory, size_t size,
    size_t align)
{
	void *block = flc_memory_alloc_raw(use, memory, size, align);

	if (block != NULL)
		memset(block, 0, size);
	return block;
}

void
flc_memory_free(const struct flc_memory *memory, void *block, size_t size)
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

bool
flc_memory_is_there(size_t size)
{
	void *block = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	if (block == MAP_FAILED)
		return false;
	munmap(block, size);
	return true;
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
