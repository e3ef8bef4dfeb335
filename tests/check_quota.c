/* SPDX-License-Identifier: BSD-2-Clause */
#include "topology/quota.h"
#include "trees.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define V2_MOUNT "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
#define V1_MOUNT "33 32 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
#define NOISE "25 23 0:5 / /dev rw shared:2 master:1 - devtmpfs udev rw,size=10k\n"

static void
put_v2(const char *group)
{
	char text[2 * PATH_MAX];

	snprintf(text, sizeof(text), "0::%s\n", group);
	put("proc/self/cgroup", text);
	put("proc/self/mountinfo", NOISE V2_MOUNT);
}

static void
put_v1(const char *group)
{
	char text[2 * PATH_MAX];

	snprintf(text, sizeof(text), "12:cpuset:/other\n4:cpu,cpuacct:%s\n1:name=systemd:/x\n",
	    group);
	put("proc/self/cgroup", text);
	put("proc/self/mountinfo", NOISE V1_MOUNT
	    "34 32 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n");
}

START_TEST(no_files_no_limit)
{
	ck_assert_uint_eq(flc_quota_cpus(root), 0);
	ck_assert_uint_eq(flc_quota_cpus("/nonexistent/anywhere"), 0);
}
END_TEST

START_TEST(v2_whole_cpus)
{
	put_v2("/app");
	put("sys/fs/cgroup/app/cpu.max", "300000 100000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 3);
}
END_TEST

START_TEST(a_fraction_is_rounded_up)
{
	put_v2("/app");
	put("sys/fs/cgroup/app/cpu.max", "150000 100000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 2);
	put("sys/fs/cgroup/app/cpu.max", "1000 100000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 1);
	put("sys/fs/cgroup/app/cpu.max", "200001 100000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 3);
}
END_TEST

START_TEST(max_is_no_limit)
{
	put_v2("/app");
	put("sys/fs/cgroup/app/cpu.max", "max 100000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 0);
}
END_TEST

START_TEST(the_tightest_ancestor_counts)
{
	put_v2("/a/b/c");
	put("sys/fs/cgroup/a/b/c/cpu.max", "800000 100000\n");
	put("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
	put("sys/fs/cgroup/a/cpu.max", "400000 100000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 4);
	put("sys/fs/cgroup/a/b/cpu.max", "20000 10000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 2);
	put("sys/fs/cgroup/ab/cpu.max", "10000 10000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 2);
}
END_TEST

START_TEST(a_missing_group_leaves_its_ancestors)
{
	put_v2("/a/gone (deleted)");
	put("sys/fs/cgroup/a/cpu.max", "500000 100000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 5);
}
END_TEST

START_TEST(the_root_of_a_namespace_may_have_a_limit)
{
	put_v2("/");
	ck_assert_uint_eq(flc_quota_cpus(root), 0);
	put("sys/fs/cgroup/cpu.max", "100000 50000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 2);
}
END_TEST

START_TEST(a_group_outside_of_the_namespace_is_left_alone)
{
	put_v2("/../sibling");
	put("sys/fs/sibling/cpu.max", "100000 100000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 0);
}
END_TEST

START_TEST(v1_quota_and_period)
{
	put_v1("/app");
	put("sys/fs/cgroup/cpu,cpuacct/app/cpu.cfs_quota_us", "250000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 0);
	put("sys/fs/cgroup/cpu,cpuacct/app/cpu.cfs_period_us", "100000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 3);
}
END_TEST

START_TEST(v1_minus_one_is_no_limit)
{
	put_v1("/app/inner");
	put("sys/fs/cgroup/cpu,cpuacct/app/inner/cpu.cfs_quota_us", "-1\n");
	put("sys/fs/cgroup/cpu,cpuacct/app/inner/cpu.cfs_period_us", "100000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 0);
	put("sys/fs/cgroup/cpu,cpuacct/app/cpu.cfs_quota_us", "100000\n");
	put("sys/fs/cgroup/cpu,cpuacct/app/cpu.cfs_period_us", "100000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 1);
}
END_TEST

START_TEST(a_container_sees_its_group_as_the_mount)
{
	put("proc/self/cgroup", "4:cpu:/docker/abc/job\n0::/docker/abc/job\n");
	put("proc/self/mountinfo",
	    "33 32 0:29 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n");
	put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "600000\n");
	put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 6);
	put("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "200000\n");
	put("sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 2);
}
END_TEST

START_TEST(another_containers_mount_is_not_ours)
{
	put("proc/self/cgroup", "4:cpu:/docker/abc\n");
	put("proc/self/mountinfo",
	    "33 32 0:29 /docker/ab /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n");
	put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "100000\n");
	put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 0);
}
END_TEST

START_TEST(hybrid_takes_the_lesser)
{
	put("proc/self/cgroup", "4:cpu,cpuacct:/app\n0::/app\n");
	put("proc/self/mountinfo", V1_MOUNT
	    "41 32 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
	put("sys/fs/cgroup/cpu,cpuacct/app/cpu.cfs_quota_us", "400000\n");
	put("sys/fs/cgroup/cpu,cpuacct/app/cpu.cfs_period_us", "100000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 4);
	put("sys/fs/cgroup/unified/app/cpu.max", "300000 100000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 3);
	put("sys/fs/cgroup/unified/app/cpu.max", "900000 100000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 4);
}
END_TEST

START_TEST(mount_points_are_unescaped)
{
	put("proc/self/cgroup", "0::/with space\n");
	put("proc/self/mountinfo",
	    "30 23 0:26 / /sys/a\\040b\\134 rw - cgroup2 cgroup2 rw\n");
	put("sys/a b\\/with space/cpu.max", "700000 100000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 7);
}
END_TEST

START_TEST(garbage_is_no_limit)
{
	static const char *const junk[] = {
		"", "\n", "max", "-5 100000\n", "0 100000\n", "100000\n", "100000 \n",
		"100000 0\n", "100000 100000 7\n", "100000  100000\n", "1e5 100000\n",
		"99999999999999999999999 100000\n", "100000 99999999999999999999999\n",
		"abc def\n", " 100000 100000\n", "100000\t100000\n",
	};

	put_v2("/app");
	put("sys/fs/cgroup/app/cpu.max", junk[_i]);
	ck_assert_uint_eq(flc_quota_cpus(root), 0);
	ck_assert_uint_eq(sizeof(junk) / sizeof(junk[0]), 16);
}
END_TEST

START_TEST(garbage_in_proc_is_passed_over)
{
	put_v2("/app");
	put("sys/fs/cgroup/app/cpu.max", "200000 100000\n");
	put("proc/self/cgroup", "\n:\n::\n::::\n0:\n0::relative\nnonsense\n4:cpu:\n0::/app");
	put("proc/self/mountinfo",
	    "\n-\n - \n1 2 3\n1 2 3 4 5 6\n1 2 3 4 5 6 -\n1 2 3 4 5 6 - cgroup2\n"
	    "1 2 3 / /x rw - cgroup2 cgroup2\n1 2 3 \\ \\0 rw - cgroup2 \\40 \\400\n" V2_MOUNT
	    "9 9");
	ck_assert_uint_eq(flc_quota_cpus(root), 2);
}
END_TEST

START_TEST(too_long_a_group_leaves_its_ancestors)
{
	char *group = malloc(200000), *end = group;

	ck_assert_ptr_nonnull(group);
	end += sprintf(end, "0::/top");
	for (int i = 0; i < _i; i++)
		end += sprintf(end, "/%0*d", 50 + i % 7, i);
	sprintf(end, "\n");
	put("proc/self/cgroup", group);
	free(group);
	put("proc/self/mountinfo", V2_MOUNT);
	put("sys/fs/cgroup/top/cpu.max", "900000 100000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 9);
}
END_TEST

START_TEST(a_long_mount_line_hides_no_other)
{
	char *text = malloc(200000), *end = text;

	ck_assert_ptr_nonnull(text);
	end += sprintf(end, "1 2 0:3 / /%099999d rw - overlay overlay rw,lowerdir=", 0);
	end += sprintf(end, "%080000d\n" V2_MOUNT, 0);
	put_v2("/app");
	put("proc/self/mountinfo", text);
	free(text);
	put("sys/fs/cgroup/app/cpu.max", "200000 100000\n");
	ck_assert_uint_eq(flc_quota_cpus(root), 2);
}
END_TEST

START_TEST(the_real_system_has_some_answer)
{
	size_t quota = flc_quota_cpus("");

	ck_assert_uint_lt(quota, 1000000);
	ck_assert_uint_eq(flc_quota_cpus(""), quota);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("quota");
	TCase *tree = case_of(suite, "tree", make_tree, remove_tree);

	tcase_add_test(tree, no_files_no_limit);
	tcase_add_test(tree, v2_whole_cpus);
	tcase_add_test(tree, a_fraction_is_rounded_up);
	tcase_add_test(tree, max_is_no_limit);
	tcase_add_test(tree, the_tightest_ancestor_counts);
	tcase_add_test(tree, a_missing_group_leaves_its_ancestors);
	tcase_add_test(tree, the_root_of_a_namespace_may_have_a_limit);
	tcase_add_test(tree, a_group_outside_of_the_namespace_is_left_alone);
	tcase_add_test(tree, v1_quota_and_period);
	tcase_add_test(tree, v1_minus_one_is_no_limit);
	tcase_add_test(tree, a_container_sees_its_group_as_the_mount);
	tcase_add_test(tree, another_containers_mount_is_not_ours);
	tcase_add_test(tree, hybrid_takes_the_lesser);
	tcase_add_test(tree, mount_points_are_unescaped);
	tcase_add_loop_test(tree, garbage_is_no_limit, 0, 16);
	tcase_add_test(tree, garbage_in_proc_is_passed_over);
	/* 70 names reach the end of a path buffer, 1500 that of a line. */
	tcase_add_loop_test(tree, too_long_a_group_leaves_its_ancestors, 68, 82);
	tcase_add_loop_test(tree, too_long_a_group_leaves_its_ancestors, 1500, 1501);
	tcase_add_test(tree, a_long_mount_line_hides_no_other);
	tcase_add_test(tree, the_real_system_has_some_answer);
	return run_suite(suite);
}
