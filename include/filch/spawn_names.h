/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the macros of <filch/spawn.h> find the functions of a task by its name, in C and in
 * C++, and how they tell a fault of their use.  Not for direct use.
 */
#ifndef FILCH_SPAWN_NAMES_H
#define FILCH_SPAWN_NAMES_H

#include <filch/hot.h>

#define FLC_HIDDEN_ __attribute__((visibility("hidden")))
#define FLC_UNUSED_ __attribute__((unused))

/*
 * Faults in the use of these macros are one sentence each.  Where no parameter of a task
 * and no FILCH_TASKS_HERE declares the deque, these functions are found, which do not
 * exist.  FLC_DEQUE_ and FLC_B_ then stand for something of the right type, so that
 * nothing else is said.
 */
FILCH_LINKAGE void flc_deque_(void);
FILCH_LINKAGE void flc_b_(void);

/*
 * And where a name is that of no task, its functions stand for something that can be
 * called.  In C++ what a task has is found by its tag, which a mention declares: the
 * function flc_task_of_() of a task is found by its argument, else the template.  In C a
 * declaration at block scope has the type of the one at file scope, if there is one; an
 * array that nobody gave a size tells that there is none, and functions need no
 * declaration then.
 */
#ifdef __cplusplus
extern "C++" {
template <class T, class U> struct flc_is_same_ { enum { value = 0 }; };
template <class T> struct flc_is_same_<T, T> { enum { value = 1 }; };
template <class T> struct flc_is_same_<const T, T> { enum { value = 1 }; };
FLC_UNUSED_ static inline __attribute__((always_inline)) filch_fork_deque_ *
flc_the_deque_(filch_fork_deque_ *deque)
{
	return deque;
}
FLC_UNUSED_ static inline filch_fork_deque_ *
flc_the_deque_(void (*)(void))
{
	return NULL;
}
FLC_UNUSED_ static inline __attribute__((always_inline)) size_t &
flc_the_b_(size_t &b)
{
	return b;
}
FLC_UNUSED_ static inline size_t &
flc_the_b_(void (*)(void))
{
	static size_t none;
	return none;
}
template <class Pack, class Body, class Call, class Value, class Start, Pack *pack, Body *body,
    Call *call, Value *value, filch_record_fn_ *run, Start *start, size_t size>
struct flc_task_ {
	enum { is_task_ = 1, size_ = size };
	static constexpr Pack *pack_ = pack;
	static constexpr Body *body_ = body;
	static constexpr Call *call_ = call;
	static constexpr Value *value_ = value;
	static constexpr filch_record_fn_ *run_ = run;
	static constexpr Start *start_ = start;
	typedef char bytes_[size];
};
template <class Tag>
struct flc_no_task_ {
	enum { is_task_ = 0, size_ = 8 };
	template <class... T> static int pack_(const T &...) { return 0; }
	template <class... T> static int body_(const T &...) { return 0; }
	template <class... T> static int call_(const T &...) { return 0; }
	template <class... T> static int value_(const T &...) { return 0; }
	template <class... T> static int
	start_(const T &...)
	{
		static_assert(sizeof(Tag *) == 0, "this is not a task; define it by FILCH_TASK");
		return 0;
	}
	static void run_(filch_fork_deque_ *, size_t, filch_record_ *) {}
};
template <class Tag> flc_no_task_<Tag> flc_task_of_(Tag *, const filch_fork_deque_ *);
template <int number> struct flc_number_;
struct flc_anything_ {
	template <class T> flc_anything_(const T &);
};
template <class Tag, int number>
flc_anything_ *flc_type_of_(Tag *, const flc_number_<number> *);
}
#define FLC_TASK_NAMES_(task) ; \
	extern "C++" flc_task_<decltype(task##_flc_pack_), decltype(task##_flc_body_), \
	    decltype(task##_flc_call_), decltype(task##_flc_value_), \
	    decltype(task##_flc_start_), task##_flc_pack_, task##_flc_body_, task##_flc_call_, \
	    task##_flc_value_, task##_flc_run_, task##_flc_start_, sizeof(task##_flc_bytes_)> \
	flc_task_of_(struct task##_flc_tag_ *, filch_fork_deque_ *)
#define FLC_TAG_OF_(task) static_cast<struct task##_flc_tag_ *>(NULL)
#define FLC_TASK_OF_(task) \
	decltype(flc_task_of_(FLC_TAG_OF_(task), static_cast<filch_fork_deque_ *>(NULL)))
#define FLC_NAME_OF_(task, name) FLC_TASK_OF_(task)::name##_
#define FLC_BYTES_OF_(task) FLC_TASK_OF_(task)::bytes_
#define FLC_SIZE_OF_(task) FLC_TASK_OF_(task)::size_
#define FLC_TYPE_OF_(task, number) \
	__typeof__(*flc_type_of_(FLC_TAG_OF_(task), static_cast<flc_number_<number> *>(NULL)))
#define FLC_DEQUE_ flc_the_deque_(flc_deque_)
#define FLC_B_ flc_the_b_(flc_b_)
#define FLC_NEEDS_DEQUE_ \
	static_assert(flc_is_same_<decltype(flc_deque_), filch_fork_deque_ *>::value, \
	    FLC_NO_DEQUE_);
#define FLC_NEEDS_TASK_(task) static_assert(FLC_NAME_OF_(task, is_task), FLC_NO_TASK_(task));
#define FLC_NEEDS_RECORD_(record, task) \
	static_assert(flc_is_same_<decltype((record).tag_), struct task##_flc_tag_ *>::value, \
	    FLC_OTHER_TASK_(task));
#define FLC_MENTION_(task)
#define FLC_STRICT_
#define FLC_LAX_
#else
#define FLC_TASK_NAMES_(task)
#define FLC_NAME_OF_(task, name) task##_flc_##name##_
#define FLC_BYTES_OF_(task) task##_flc_bytes_
#define FLC_SIZE_OF_(task) \
	sizeof(*_Generic(&task##_flc_bytes_, char (*)[3]: (char (*)[8])NULL, \
	    default: &task##_flc_bytes_))
#define FLC_TYPE_OF_(task, number) \
	__typeof__(*_Generic(task##_flc_type##number##_(), int: (int *)NULL, \
	    default: task##_flc_type##number##_()))
#define FLC_DEQUE_ \
	_Generic((flc_deque_), filch_fork_deque_ *: (flc_deque_), \
	    default: (filch_fork_deque_ *)NULL)
#define FLC_B_ (*_Generic(&(flc_b_), size_t *: &(flc_b_), default: &(size_t){ 0 }))
#define FLC_NEEDS_DEQUE_ \
	_Static_assert(_Generic((flc_deque_), filch_fork_deque_ *: 1, default: 0), FLC_NO_DEQUE_);
/* No size of bytes is 3. */
#define FLC_IS_TASK_(task) _Generic(&task##_flc_bytes_, char (*)[3]: 0, default: 1)
#define FLC_NEEDS_TASK_(task) _Static_assert(FLC_IS_TASK_(task), FLC_NO_TASK_(task));
#define FLC_NEEDS_RECORD_(record, task) \
	_Static_assert(_Generic((record).tag_, struct task##_flc_tag_ *: 1, default: 0), \
	    FLC_OTHER_TASK_(task));
#define FLC_MENTION_(task) \
	_Pragma("GCC diagnostic push") \
	_Pragma("GCC diagnostic ignored \"-Wnested-externs\"") \
	_Pragma("GCC diagnostic ignored \"-Wredundant-decls\"") \
	extern char task##_flc_bytes_[]; \
	extern filch_record_fn_ task##_flc_run_; \
	_Pragma("GCC diagnostic pop")
#define FLC_MENTION_IN_GROUP_(task) \
	_Pragma("GCC diagnostic push") \
	_Pragma("GCC diagnostic ignored \"-Wnested-externs\"") \
	_Pragma("GCC diagnostic ignored \"-Wredundant-decls\"") \
	extern int task##_flc_group_(void *word_); \
	_Pragma("GCC diagnostic pop")
/* Between these an argument of another type is an error, as it is in C++. */
#define FLC_STRICT_ \
	_Pragma("GCC diagnostic push") \
	_Pragma("GCC diagnostic ignored \"-Wimplicit-function-declaration\"") \
	_Pragma("GCC diagnostic error \"-Wint-conversion\"") \
	_Pragma("GCC diagnostic error \"-Wincompatible-pointer-types\"")
#define FLC_LAX_ _Pragma("GCC diagnostic pop")
#endif
#define FLC_NO_DEQUE_ "write FILCH_TASKS_HERE; before the first spawn or call of this function"
#define FLC_NO_TASK_(task) #task " is not a task; define it by FILCH_TASK"
#define FLC_OTHER_TASK_(task) "this is not a record of the task " #task

#endif /* FILCH_SPAWN_NAMES_H */
