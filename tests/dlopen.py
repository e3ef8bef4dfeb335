# SPDX-License-Identifier: BSD-2-Clause
"""ctypes loads libfilch.so into a Python that knows nothing of it, for dlopen.sh.

dlopen.py LIBRARY ROUNDS
"""

import ctypes
import sys

import _ctypes

BODY = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t)
INDEXES = 50


def play_round(path, ends):
    filch = ctypes.CDLL(path)
    done = [0] * INDEXES

    def body(_, begin, end):
        for i in range(begin, end):
            done[i] += 1
        return 0

    callback = BODY(body)
    filch.filch_for.argtypes = [ctypes.c_size_t, ctypes.c_size_t, BODY, ctypes.c_void_p,
                                ctypes.c_void_p]
    filch.filch_pool_destroy.argtypes = [ctypes.c_void_p]
    if filch.filch_for(0, INDEXES, callback, None, None) != 0 or done != [1] * INDEXES:
        sys.exit("a loop fails: %s" % done)
    if ends and filch.filch_pool_destroy(None) != 0:
        sys.exit("the pool does not end")
    _ctypes.dlclose(filch._handle)


def main():
    path, rounds = sys.argv[1], int(sys.argv[2])
    for i in range(rounds):
        play_round(path, ends=i % 2 == 0)
    print("%d rounds" % rounds)


main()
