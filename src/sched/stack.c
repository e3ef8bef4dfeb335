/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/stack.h"

#include "memory/allocator.h"
#include "sched/worker.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Not yet asked: everything is below it, and it is odd. */
__thread size_t flc_stack_low FLC_OF_THREAD = SIZE_MAX;

#define GUESSED ((size_t)1)

/* What a task is to have below it: this, or a quarter of a small stack. */
#define MARGIN ((size_t)64 << 10)

/* Most threads never go that far below their first task, and nobody asks the system. */
#define UNASKED ((size_t)8 << 10)

/* Of a stack for a thread that is no worker. */
#define CALL_STACK ((size_t)256 << 10)

/* Under a sanitizer, which would have to be told, and on other CPUs nothing switches. */
#if !defined(FILCH_SANITIZED) && (defined(__x86_64__) || defined(__aarch64__))
#define SWITCHES 1

/*
 * flc_stack_switch(run, argument, top): calls run(argument) with the stack pointer at
 * top.  The old one waits in the frame pointer, which a callee keeps, and so the unwind
 * rules find the caller: pthread_exit(), cancellation and C++ exceptions pass.  The call
 * returns to where it was made, as a shadow stack wants it; signal mask and floating
 * point are the thread's and stay.
 */
void flc_stack_switch(void (*run)(void *argument), void *argument, void *top);

#ifdef __x86_64__
__asm__(
    "	.pushsection .text\n"
    "	.p2align 4\n"
    "	.globl flc_stack_switch\n"
    "	.hidden flc_stack_switch\n"
    "	.type flc_stack_switch, @function\n"
    "flc_stack_switch:\n"
    "	.cfi_startproc\n"
    "	endbr64\n"
    "	pushq %rbp\n"
    "	.cfi_def_cfa_offset 16\n"
    "	.cfi_offset 6, -16\n"
    "	movq %rsp, %rbp\n"
    "	.cfi_def_cfa_register 6\n"
    "	movq %rdx, %rsp\n"
    "	movq %rdi, %rax\n"
    "	movq %rsi, %rdi\n"
    "	call *%rax\n"
    "	movq %rbp, %rsp\n"
    "	popq %rbp\n"
    "	.cfi_def_cfa 7, 8\n"
    "	ret\n"
    "	.cfi_endproc\n"
    "	.size flc_stack_switch, . - flc_stack_switch\n"
    "	.popsection\n");
#else
__asm__(
    "	.pushsection .text\n"
    "	.p2align 4\n"
    "	.globl flc_stack_switch\n"
    "	.hidden flc_stack_switch\n"
    "	.type flc_stack_switch, %function\n"
    "flc_stack_switch:\n"
    "	.cfi_startproc\n"
    "	hint #34\n" /* bti c */
    "	stp x29, x30, [sp, #-16]!\n"
    "	.cfi_def_cfa_offset 16\n"
    "	.cfi_offset 29, -16\n"
    "	.cfi_offset 30, -8\n"
    "	mov x29, sp\n"
    "	.cfi_def_cfa_register 29\n"
    "	mov x9, x0\n"
    "	mov x0, x1\n"
    "	mov sp, x2\n"
    "	blr x9\n"
    "	mov sp, x29\n"
    "	.cfi_def_cfa_register 31\n"
    "	ldp x29, x30, [sp], #16\n"
    "	.cfi_def_cfa_offset 0\n"
    "	.cfi_restore 29\n"
    "	.cfi_restore 30\n"
    "	ret\n"
    "	.cfi_endproc\n"
    "	.size flc_stack_switch, . - flc_stack_switch\n"
    "	.popsection\n");
#endif

/* Stands at the top of the memory that it names; the lowest page is a guard. */
struct flc_stack {
	_Alignas(16) char *block;
	size_t size;
};

static struct flc_stack *
make_stack(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct flc_stack *stack;
	char *block;

	size = (size + page - 1) / page * page + page;
	block = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (block == MAP_FAILED)
		return NULL;
	if (mprotect(block, page, PROT_NONE) != 0) {
		(void)munmap(block, size);
		return NULL;
	}
	stack = (struct flc_stack *)(void *)(block + size) - 1;
	stack->block = block;
	stack->size = size;
	return stack;
}

static void
free_stack(struct flc_stack *stack)
{
	(void)munmap(stack->block, stack->size);
}

static size_t
low_of(size_t low, size_t size)
{
	return (low + (size / 4 < MARGIN ? size / 4 : MARGIN)) & ~GUESSED;
}

/* The first thread's grows down to its limit, from the name of the program that stands at
 * its top; pthread_getattr_np() would read /proc and allocate. */
static size_t
find_first_thread(size_t here)
{
	size_t top = getauxval(AT_EXECFN);
	struct rlimit limit;

	if (syscall(SYS_gettid) != getpid() || getrlimit(RLIMIT_STACK, &limit) != 0
	    || here > top || limit.rlim_cur >= top || here < top - limit.rlim_cur)
		return 0;
	return low_of(top - limit.rlim_cur, limit.rlim_cur);
}

/* 0: not known, as on a stack that the program made without the system. */
static size_t
find_low(size_t here)
{
	size_t low = find_first_thread(here), size = 0;
	pthread_attr_t attributes;
	void *block = NULL;

	if (low != 0 || syscall(SYS_gettid) == getpid()
	    || pthread_getattr_np(pthread_self(), &attributes) != 0)
		return low;
	if (pthread_attr_getstack(&attributes, &block, &size) == 0
	    && here - (size_t)block < size)
		low = low_of((size_t)block, size);
	pthread_attr_destroy(&attributes);
	return low;
}

/* Also learns what is not known yet.  A thread that is far below is on another stack,
 * which the program made. */
static bool
is_short(size_t here, size_t room)
{
	if (flc_stack_low == SIZE_MAX && room == 0) {
		flc_stack_low = (here - UNASKED) | GUESSED;
		return false;
	}
	if (flc_stack_low & GUESSED)
		flc_stack_low = find_low(here);
	return flc_stack_low != 0 && here < flc_stack_low + room
	    && here > flc_stack_low - MARGIN;
}

static void
call_on(struct flc_stack *stack, void (*run)(void *argument), void *argument)
{
	size_t before = flc_stack_low;

	flc_stack_low = low_of((size_t)stack->block, stack->size);
	flc_stack_switch(run, argument, stack);
	flc_stack_low = before;
}

FLC_COLD bool
flc_stack_call(struct flc_worker *worker, void (*run)(void *argument), void *argument)
{
	const char here = 0;
	struct flc_stack *stack = worker->stack;

	if (!is_short((size_t)&here, 0))
		return false;
	worker->stack = NULL;
	if (stack == NULL)
		stack = make_stack(worker->pool->config.options.stack_size);
	if (stack == NULL)
		return false;
	call_on(stack, run, argument);
	if (worker->stack == NULL)
		worker->stack = stack;
	else
		free_stack(stack);
	return true;
}

FLC_COLD void
flc_stack_call_with(size_t room, void (*run)(void *argument), void *argument)
{
	const char here = 0;
	struct flc_stack *stack = NULL;

	if (is_short((size_t)&here, room))
		stack = make_stack(CALL_STACK);
	if (stack == NULL) {
		run(argument);
		return;
	}
	call_on(stack, run, argument);
	free_stack(stack);
}

void
flc_stack_drop(struct flc_worker *worker)
{
	if (worker->stack != NULL)
		free_stack(worker->stack);
	worker->stack = NULL;
}

#else

bool
flc_stack_call(struct flc_worker *worker, void (*run)(void *argument), void *argument)
{
	(void)worker;
	(void)run;
	(void)argument;
	return false;
}

void
flc_stack_call_with(size_t room, void (*run)(void *argument), void *argument)
{
	(void)room;
	run(argument);
}

void
flc_stack_drop(struct flc_worker *worker)
{
	(void)worker;
}

#endif
