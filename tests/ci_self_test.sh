#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A gate of .ci/run that fails makes all of it fail, and says why.
command -v bash > /dev/null || { echo "skipped: no bash"; exit 77; }
exec bash "${top_srcdir:-.}/.ci/run" --self-test
