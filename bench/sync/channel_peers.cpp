// SPDX-License-Identifier: BSD-2-Clause
// oneTBB's bounded queue and Boost.Lockfree's queues, which spin.
#include "channel.h"

#include <boost/lockfree/queue.hpp>
#include <boost/lockfree/spsc_queue.hpp>
#include <tbb/concurrent_queue.h>

#include <thread>

namespace {

using tbb_queue = tbb::concurrent_bounded_queue<uint64_t>;
using mpmc = boost::lockfree::queue<uint64_t, boost::lockfree::fixed_sized<true>>;
using spsc = boost::lockfree::spsc_queue<uint64_t>;

template <class Queue> void
end(void *queue)
{
	delete static_cast<Queue *>(queue);
}

void *
tbb_make(size_t capacity)
{
	auto queue = new tbb_queue;

	queue->set_capacity(static_cast<long>(capacity));
	return queue;
}

void
tbb_send(void *queue, uint64_t item)
{
	static_cast<tbb_queue *>(queue)->push(item);
}

uint64_t
tbb_recv(void *queue)
{
	uint64_t item = 0;

	static_cast<tbb_queue *>(queue)->pop(item);
	return item;
}

template <class Queue> void *
boost_make(size_t capacity)
{
	return new Queue(capacity);
}

/* They cannot wait: look a hundred times, then let others run. */
template <class Queue> void
boost_send(void *queue, uint64_t item)
{
	for (unsigned i = 1; !static_cast<Queue *>(queue)->push(item); i++)
		if (i % 100 == 0)
			std::this_thread::yield();
}

template <class Queue> uint64_t
boost_recv(void *queue)
{
	uint64_t item = 0;

	for (unsigned i = 1; !static_cast<Queue *>(queue)->pop(item); i++)
		if (i % 100 == 0)
			std::this_thread::yield();
	return item;
}

} // namespace

extern "C" const struct queue_face bench_queues[] = {
	{ "tbb-bounded", tbb_make, end<tbb_queue>, tbb_send, tbb_recv, nullptr, nullptr, 0, 0 },
	{ "boost-queue", boost_make<mpmc>, end<mpmc>, boost_send<mpmc>, boost_recv<mpmc>,
	    nullptr, nullptr, 0, 0 },
	{ "boost-spsc", boost_make<spsc>, end<spsc>, boost_send<spsc>, boost_recv<spsc>,
	    nullptr, nullptr, 1, 0 },
	{ nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, 0, 0 },
};
