# SPDX-License-Identifier: BSD-2-Clause
"""examples_numbers.py NAME FOLDER PROGRAM: whether the program's answer is right.

Each answer is found here in another way than the program finds it: sums by math.fsum, the
matrix as a dictionary, the palette by its definition (each pixel has the nearest colour,
each colour is the mean of its pixels).
"""
import math
import os
import random
import subprocess
import sys

MASK = (1 << 64) - 1


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}: {done.stderr}")
    return done.stdout


def uniform(index):
    z = (index + 1) * 0x9E3779B97F4A7C15 & MASK
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return ((z ^ z >> 31) >> 11) * 2.0 ** -53


def forces(place, softening):
    out = []
    for a in place:
        parts = ([], [], [])
        for b in place:
            apart = [q - p for p, q in zip(a, b)]
            square = math.fsum([d * d for d in apart] + [softening * softening])
            for part, d in zip(parts, apart):
                part.append(d / (len(place) * square ** 1.5))
        out.append([math.fsum(part) for part in parts])
    return out


def nbody(folder, program):
    for n, steps in ((1, 3), (2, 5), (9, 7), (61, 4)):
        place = [[2 * uniform(3 * i + d) - 1 for d in range(3)] for i in range(n)]
        speed = [[0.0] * 3 for _ in range(n)]
        force = forces(place, 1e-2)
        for _ in range(steps):
            for p, v, f in zip(place, speed, force):
                for d in range(3):
                    v[d] += f[d] * 5e-4
                    p[d] += v[d] * 1e-3
            force = forces(place, 1e-2)
            for v, f in zip(speed, force):
                for d in range(3):
                    v[d] += f[d] * 5e-4
        rows = [[float(word) for word in line.split()]
                for line in run(program, "--print", str(n), str(steps)).splitlines()]
        if len(rows) != n:
            sys.exit(f"nbody {n}: {len(rows)} lines")
        for i, (row, wanted) in enumerate(zip(rows, place)):
            if any(abs(a - b) > 1e-12 for a, b in zip(row, wanted)):
                sys.exit(f"nbody {n} {steps}: body {i} is at {row}, not at {wanted}")


def write_matrix(path, field, symmetry, rows, columns, entries):
    with open(path, "w") as file:
        file.write(f"%%MatrixMarket matrix coordinate {field} {symmetry}\n% a comment\n\n")
        file.write(f"{rows} {columns} {len(entries)}\n")
        for row, column, value in entries:
            last = "" if field == "pattern" else f" {value!r}"
            file.write(f"{row + 1} {column + 1}{last}\n")
            if random.random() < 0.01:
                file.write("\n")


def product(symmetry, rows, entries):
    parts = [[] for _ in range(rows)]
    for row, column, value in entries:
        parts[row].append(value / (column + 1))
        if symmetry != "general" and row != column:
            parts[column].append((-value if symmetry == "skew-symmetric" else value) / (row + 1))
    return [math.fsum(part) for part in parts]


def random_matrix(field, symmetry, rows, columns, n):
    entries = []
    for _ in range(n):
        # Skewed, so that some rows are long and most are empty.
        row = int(rows * random.random() ** 3)
        column = random.randrange(columns)
        if symmetry == "skew-symmetric" and row == column:
            continue
        value = {"real": random.gauss(0, 1), "integer": random.randint(-9, 9), "pattern": 1}
        entries.append((row, column, value[field]))
    return entries


def spmv(folder, program):
    path = os.path.join(folder, "a.mtx")
    random.seed(2026)
    for field, symmetry, rows, columns, n in (
            ("real", "general", 1, 1, 0), ("real", "general", 0, 0, 0),
            ("real", "general", 40, 7, 100), ("integer", "general", 3, 900, 500),
            ("pattern", "symmetric", 300, 300, 2000), ("real", "skew-symmetric", 99, 99, 999),
            ("real", "symmetric", 5000, 5000, 40000)):
        entries = random_matrix(field, symmetry, rows, columns, n)
        write_matrix(path, field, symmetry, rows, columns, entries)
        got = [float(line) for line in run(program, "--print", path).splitlines()]
        wanted = product(symmetry, rows, entries)
        if len(got) != rows:
            sys.exit(f"spmv {field} {symmetry}: {len(got)} rows, not {rows}")
        for i, (a, b) in enumerate(zip(got, wanted)):
            if abs(a - b) > 1e-11 * max(1, abs(b)):
                sys.exit(f"spmv {field} {symmetry}: row {i} is {a!r}, not {b!r}")


def square(a, b):
    return sum((p - q) ** 2 for p, q in zip(a, b))


def check_palette(program, source, folder, colours):
    from PIL import Image
    before, after = os.path.join(folder, "in.png"), os.path.join(folder, "out.png")
    source.save(before)
    text = run(program, before, after, str(colours))
    result = Image.open(after)
    if result.mode != "P":
        sys.exit(f"palette: the picture has mode {result.mode}, not a palette")
    old = list(source.convert("RGB").getdata())
    new = list(result.convert("RGB").getdata())
    groups = {}
    for a, b in zip(old, new):
        groups.setdefault(b, []).append(a)
    if len(groups) > colours or "not settled" in text:
        sys.exit(f"palette: {len(groups)} colours of {colours}: {text}")
    for colour, pixels in groups.items():
        mean = [(sum(p[c] for p in pixels) * 2 + len(pixels)) // (2 * len(pixels))
                for c in range(3)]
        if list(colour) != mean:
            sys.exit(f"palette: {colour} is not the mean of its pixels, {mean}")
    for a, b in zip(old, new):
        best = min(square(a, colour) for colour in groups)
        if square(a, b) != best:
            sys.exit(f"palette: {a} became {b}, {best} would have been nearer")
    error = sum(square(a, b) for a, b in zip(old, new)) / len(old)
    if f"mean squared error {error:.3f}" not in text:
        sys.exit(f"palette: the error is {error:.3f}; printed was: {text}")
    return error


def palette(folder, program):
    from PIL import Image
    four = Image.new("RGB", (90, 70))
    four.putdata([((i % 2) * 255, (i // 90 % 2) * 200, 17) for i in range(90 * 70)])
    if check_palette(program, four, folder, 4) != 0 or check_palette(program, four, folder, 9):
        sys.exit("palette: four colours are not kept")
    smooth = Image.new("RGB", (128, 96))
    smooth.putdata([(2 * (i % 128), 2 * (i // 128), (i % 128 + i // 128))
                    for i in range(128 * 96)])
    errors = [check_palette(program, smooth, folder, n) for n in (1, 2, 8, 32)]
    if errors != sorted(errors, reverse=True):
        sys.exit(f"palette: more colours have a larger error: {errors}")
    check_palette(program, Image.new("L", (1, 1), 7), folder, 16)


if __name__ == "__main__":
    {"nbody": nbody, "spmv": spmv, "palette": palette}[sys.argv[1]](*sys.argv[2:])
