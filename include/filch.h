/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole API.  Read in this order:
 *
 *   <filch/base.h>     linkage, version, status codes, time
 *   <filch/pool.h>     pools of workers; most programs never name one
 *   <filch/task.h>     fork-join, groups of tasks, cancellation
 *   <filch/spawn.h>    typed tasks (comes with task.h)
 *   <filch/loop.h>     parallel loops over ranges and tiles
 *   <filch/reduce.h>   reductions, the same bits for any number of workers
 *   <filch/scan.h>     every partial result of a fold, in order
 *   <filch/pack.h>     which items of an array stay, and where the others go
 *   <filch/find.h>     the first, the last, how many; where arrays differ; extremes
 *   <filch/histogram.h>  how many items fall into each bin
 *   <filch/sort.h>     sorts of numbers
 *   <filch/move.h>     fill, copy, reverse, rotate, gather, scatter, transpose, shuffle
 *   <filch/graph.h>    graphs of tasks, built once and run often
 *   <filch/mutex.h>    locks that tasks may block on
 *   <filch/pipeline.h> items through stages, in order where asked; maps in order
 *   <filch/channel.h>  queues between tasks: send, receive, select, timers
 *   <filch/metrics.h>  counters of workers, locks and channels; blocked threads
 */
#ifndef FILCH_H
#define FILCH_H

#include <filch/base.h>
#include <filch/pool.h>
#include <filch/task.h>
#include <filch/loop.h>
#include <filch/reduce.h>
#include <filch/scan.h>
#include <filch/pack.h>
#include <filch/find.h>
#include <filch/histogram.h>
#include <filch/sort.h>
#include <filch/move.h>
#include <filch/graph.h>
#include <filch/mutex.h>
#include <filch/pipeline.h>
#include <filch/channel.h>
#include <filch/metrics.h>

#endif /* FILCH_H */
