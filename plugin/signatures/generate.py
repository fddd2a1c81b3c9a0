#!/usr/bin/env python3
"""Writes the straight-line field arithmetic and the constants of the curves.

    python3 plugin/signatures/generate.py            writes src/*/field.rs
    python3 plugin/signatures/generate.py --check    says whether they are current

Loops over limbs are not unrolled reliably, and wasm has neither a carry flag nor a 128-bit product: so every product
is one statement per column, with signed limbs in i32, columns in i64, and one carry per column.
"""

import pathlib
import sys

SOURCE = pathlib.Path(__file__).parent / "src"
LINE = 118


def limbs(value, width, count):
    top = value >> (width * (count - 1))
    return [value >> (width * i) & ((1 << width) - 1) for i in range(count - 1)] + [top]


def wrapped(head, parts, tail, indent):
    """`head part part ... tail` on lines that fit; head and tail stay with their neighbours."""
    lines, line = [], " " * indent + head + parts[0]
    for part in parts[1:-1] + [parts[-1] + tail]:
        if len(line) + len(part) + 1 > LINE:
            lines.append(line)
            line = " " * (indent + 3)
        line += " " + part
    return lines + [line] if len(parts) > 1 else [" " * indent + head + parts[0] + tail]


def array(name, value, width, count, doc=None, visibility=""):
    numbers = [f"{limb:#x}," for limb in limbs(value, width, count)]
    numbers[-1] = numbers[-1].rstrip(",")
    lines = [f"    /// {doc}"] if doc else []
    return lines + wrapped(f"{visibility}const {name}: [i32; {count}] = [", numbers, "];", 4)


def modulus(name, value, count):
    """A modulus of `inverse.rs`, in limbs of 30 bits."""
    numbers = [f"{limb:#x}," for limb in limbs(value, 30, count)]
    numbers[-1] = numbers[-1].rstrip(",")
    inverse = pow(value, -1, 1 << 30)
    return wrapped(f"const {name}: Modulus<{count}> = Modulus::new([", numbers, f"], {inverse:#x});", 4)


def product(k, count, a, b):
    return [f"{a}{i} * {b}{k - i}" for i in range(count) if 0 <= k - i < count]


def square(k, count, a):
    """Half of the products, with `d` the doubled limbs of `a`."""
    pairs = [f"d{i} * {a}{k - i}" for i in range(count) if i < k - i < count]
    return pairs + ([f"{a}{k // 2} * {a}{k // 2}"] if k % 2 == 0 else [])


def total(terms):
    """The terms of a sum, each with its sign."""
    return [("" if not i or term.startswith("-") else "+ ") + term for i, term in enumerate(terms)]


def unpack(names, count):
    return [
        line
        for name in names
        for line in wrapped("let [", [f"{name}{i}," for i in range(count - 1)] + [f"{name}{count - 1}"],
                            f"] = {name}.map(i64::from);", 8)
    ]


def doubled(count):
    return wrapped("let [", [f"d{i}," for i in range(count - 1)] + ["_"], "] = a.map(|limb| 2 * i64::from(limb));", 8)


FUNCTIONS = {
    "mul": ("ab", lambda k, n: product(k, n, "a", "b")),
    "sqr": ("a", lambda k, n: square(k, n, "a")),
    "sqr_add": ("as", lambda k, n: square(k, n, "a")),
    "mul_sub": ("abef", lambda k, n: product(k, n, "a", "b") + [f"- {term}" for term in product(k, n, "e", "f")]),
}


def function(name, width, count, body):
    arguments, columns = FUNCTIONS[name]
    listed = ", ".join(f"{argument}: &[i32; {count}]" for argument in arguments)
    lines = ["    #[inline(never)]", f"    fn {name}({listed}) -> [i32; {count}] {{", f"        const MASK: i64 = (1 << {width}) - 1;"]
    lines += unpack(arguments, count)
    if name.startswith("sqr"):
        lines += doubled(count)
    return lines + body(lambda k: columns(k, count), "s" in arguments) + ["    }"]


def montgomery(width, count, prime):
    """Columns and reduction together. p = -1 mod 2^width, so the quotient digit is the column itself, and adding
    m * p clears it: the carry is the column shifted, and m * (p + 1) is a few shifts of m into higher columns."""
    folds = []  # (column, shift, sign) of p + 1, from its non-adjacent form
    rest, bit = prime + 1, 0
    while rest:
        if rest & 1:
            sign = 2 - (rest & 3)
            folds.append((bit // width, bit % width, sign))
            rest -= sign
        rest, bit = rest >> 1, bit + 1
    assert all(column > 0 for column, _, _ in folds)

    def body(columns, addend):
        lines = []
        for k in range(2 * count - 1):
            terms = ([f"(t{k - 1} >> {width})"] if k else []) + columns(k)
            for column, shift, sign in folds:
                if 0 <= k - column < count:
                    terms.append(("- " if sign < 0 else "") + f"(m{k - column} << {shift})")
            if addend and k >= count:
                terms.append(f"s{k - count}")
            lines += wrapped(f"let t{k} = ", total(terms), ";", 8)
            if k < count:
                lines.append(f"        let m{k} = t{k} & MASK;")
        top = f"t{2 * count - 2} >> {width}"
        out = [f"t{k} & MASK," for k in range(count, 2 * count - 1)] + [f"({top}) + s{count - 1}" if addend else top]
        return lines + wrapped("[", out, "].map(|limb| limb as i32)", 8)

    return body


def pseudo_mersenne(width, count, prime):
    """All columns, then the upper half folded onto the lower: 2^(width * count) is a small number modulo p, and so is
    2^bits, where the last carry goes back to limb 0."""
    bits = prime.bit_length()
    fold, small, top = (1 << width * count) % prime, (1 << bits) % prime, bits - width * (count - 1)

    def body(columns, _):
        lines = []
        for k in range(2 * count - 1):
            carried = [f"(t{k - 1} >> {width})"] if k >= count else []
            lines += wrapped(f"let t{k} = ", total(carried + columns(k)), ";", 8)
        last = 2 * count - 2
        for k in range(count):
            folded = f"({fold} * (t{count + k} & MASK))" if k < count - 1 else f"({fold} * (t{last} >> {width}))"
            low = [f"t{k}"] if k < count - 1 else [f"(t{k} & MASK)"]
            lines += wrapped(f"let r{k} = ", total(([f"(r{k - 1} >> {width})"] if k else []) + low + [folded]), ";", 8)
        lines.append(f"        let s0 = (r0 & MASK) + {small} * (r{count - 1} >> {top});")
        out = ["s0 & MASK,", f"(r1 & MASK) + (s0 >> {width}),"] + [f"r{k} & MASK," for k in range(2, count - 1)]
        out.append(f"r{count - 1} & ((1 << {top}) - 1)")
        return lines + wrapped("[", out, "].map(|limb| limb as i32)", 8)

    return body


HEADER = "// Written by generate.py."


def weierstrass(name, title, width, count, prime, order, generator):
    r = 1 << (width * count)
    g = [coordinate * r % prime for coordinate in generator]
    lines = [
        f"//! The field of {title}: {count} limbs of {width} bits, Montgomery form with R = 2^{width * count}.",
        HEADER,
        "",
        "use crate::{field::Field, inverse::Modulus, weierstrass::Curve};",
        "",
        "pub(crate) struct Parameters;",
        "",
        f"impl Field<{count}> for Parameters {{",
        f"    const WIDTH: u32 = {width};",
        f"    const TOP: u32 = {prime.bit_length() - width * (count - 1)};",
    ]
    lines += array("PRIME", prime, width, count)
    lines += modulus("PRIME_30", prime, count)
    body = montgomery(width, count, prime)
    lines += [""] + function("mul", width, count, body)
    lines += ["", f"    fn sqr(a: &[i32; {count}]) -> [i32; {count}] {{", f"        Self::sqr_add(a, &[0; {count}])", "    }"]
    lines += ["}", "", f"impl Curve<{count}> for Parameters {{"]
    lines += array("R_SQUARED", r * r % prime, width, count)
    lines += array("ORDER", order, width, count)
    lines += modulus("ORDER_30", order, count)
    lines += array("GENERATOR_X", g[0], width, count)
    lines += array("GENERATOR_Y", g[1], width, count)
    for kind in ("sqr_add", "mul_sub"):
        lines += [""] + function(kind, width, count, body)
    return name, lines + ["}"]


def edwards(name, title, width, count, prime, d, base_y):
    root = pow(2, (prime - 1) // 4, prime)

    def x_of(y):
        square = (y * y - 1) * pow(d * y * y + 1, -1, prime) % prime
        x = pow(square, (prime + 3) // 8, prime)
        x = x if x * x % prime == square else x * root % prime
        return x if x * x % prime == square else None

    def add(p, q):
        product = d * p[0] * q[0] * p[1] * q[1]
        return ((p[0] * q[1] + p[1] * q[0]) * pow(1 + product, -1, prime) % prime,
                (p[1] * q[1] + p[0] * q[0]) * pow(1 - product, -1, prime) % prime)

    def multiple(k, point):
        result = (0, 1)
        for bit in bin(k)[2:]:
            result = add(result, result)
            result = add(result, point) if bit == "1" else result
        return result

    order = 2**252 + 27742317777372353535851937790883648493
    torsion = next(t for t in (multiple(order, (x_of(y), y)) for y in range(2, 99) if x_of(y)) if multiple(4, t) != (0, 1))
    small = sorted({multiple(k, torsion)[1] for k in range(8)})
    base_x = x_of(base_y)
    lines = [
        f"//! The field of {title}: {count} limbs of {width} bits, as plain integers.",
        HEADER,
        "",
        "use crate::{field::Field, inverse::Modulus};",
        "",
        "pub(crate) struct Parameters;",
        "",
        "impl Parameters {",
    ]
    lines += array("D", d, width, count, "The coefficient of the curve.", "pub(super) ")
    lines += array("HALF", pow(2, -1, prime), width, count, visibility="pub(super) ")
    lines += array("ROOT", root, width, count, "A square root of -1.", "pub(super) ")
    lines += array("GENERATOR_X", base_x if base_x % 2 == 0 else prime - base_x, width, count, visibility="pub(super) ")
    lines += array("GENERATOR_Y", base_y, width, count, visibility="pub(super) ")
    lines += [f"    /// The y coordinates of the eight points of small order.", f"    pub(super) const SMALL_ORDER: [[i32; {count}]; {len(small)}] = ["]
    for y in small:
        lines += wrapped("[", [f"{limb:#x}," for limb in limbs(y, width, count)][:-1] + [f"{limbs(y, width, count)[-1]:#x}"], "],", 8)
    lines += ["    ];", "}", "", f"impl Field<{count}> for Parameters {{",
        f"    const WIDTH: u32 = {width};",
        f"    const TOP: u32 = {prime.bit_length() - width * (count - 1)};",
    ]
    lines += array("PRIME", prime, width, count)
    lines += modulus("PRIME_30", prime, count)
    body = pseudo_mersenne(width, count, prime)
    lines += [""] + function("mul", width, count, body)
    lines += [""] + function("sqr", width, count, body)
    return name, lines + ["}"]


P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
P384 = 2**384 - 2**128 - 2**96 + 2**32 - 1
P521 = 2**521 - 1

P25519 = 2**255 - 19

CURVES = [
    edwards("ed25519", "Ed25519", 29, 9, P25519, -121665 * pow(121666, -1, P25519) % P25519, 4 * pow(5, -1, P25519) % P25519),
    weierstrass("p256", "P-256", 29, 9, P256,
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
         0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)),
    weierstrass("p384", "P-384", 28, 14, P384,
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
        (0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
         0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F)),
    weierstrass("p521", "P-521", 28, 19, P521,
        2**521 - 2**260 + 0xA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409,
        (int("00C6858E06B70404E9CD9E3ECB662395B4429C648139053FB521F828AF606B4D3DBA"
             "A14B5E77EFE75928FE1DC127A2FFA8DE3348B3C1856A429BF97E7E31C2E5BD66", 16),
         int("011839296A789A3BC0045C8A5FB42C7D1BD998F54449579B446817AFBD17273E662C"
             "97EE72995EF42640C550B9013FAD0761353C7086A272C24088BE94769FD16650", 16))),
]


def main():
    stale = []
    for name, lines in CURVES:
        path, text = SOURCE / name / "field.rs", "\n".join(lines) + "\n"
        assert all(len(line) <= 120 for line in lines), [line for line in lines if len(line) > 120]
        if sys.argv[1:] == ["--check"]:
            stale += [str(path)] * (not path.exists() or path.read_text() != text)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
    sys.exit(f"not current: {', '.join(stale)}" if stale else 0)


if __name__ == "__main__":
    main()
