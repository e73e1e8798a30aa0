# SPDX-License-Identifier: MIT
"""test_static.py - each tool that only reads the source is shown one fault

A planted file lies in build/, where the rules of tools/static.mk reach it like
any other: what is tried is what `make static` runs, one file and one tool at a
time.
"""

import os
import shutil

import pytest

import lacuna
import rodata
import stack
import suppressions

PLANTED = lacuna.ROOT / "build/test/planted"

HEAD = """
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <x86/io.h>
#include <x86/spinlock.h>

int f(int a);
static __unused struct spinlock lock;
static __unused int work(void) __must_hold(&lock)
{
\tlock_assert_held(&lock);
\treturn 1;
}
"""

# What each of them is for, and what it says of it.
FAULTS = {
    "sparse": {
        "sizes_are_no_flags": ("void *p = kmalloc(GFP_KERNEL, a); kfree(p);",
                               "expected restricted gfp_t"),
        "flags_are_no_numbers": ("return (GFP_ATOMIC + GFP_DMA) == 0;",
                                 "restricted gfp_t degrades"),
        "physical_address_cut": ("return (int)pfn_to_phys((pfn_t)a);",
                                 "cast from restricted phys_addr_t"),
        "physical_address_as_pfn": ("return phys_to_pfn((pfn_t)a) != 0;",
                                    "expected restricted phys_addr_t"),
        "physical_addresses_compared": (
            "return pfn_to_phys(1) < pfn_to_phys((pfn_t)a);",
            "restricted phys_addr_t degrades"),
        "device_memory_dereferenced": (
            "uint16_t __iomem *cell = (uint16_t __iomem __force *)a;\n"
            "\treturn *cell;", "dereference of noderef expression"),
        "device_memory_copied": (
            "uint16_t __iomem *cell = (uint16_t __iomem __force *)a;\n"
            "\tmemset(cell, 0, 2);", "different address spaces"),
        "lock_kept_on_one_return": (
            "spin_lock(&lock);\n\tif (a)\n\t\treturn 1;\n"
            "\tspin_unlock(&lock);", "context imbalance in 'f'"),
        "lock_given_back_twice": (
            "spin_lock(&lock);\n\tspin_unlock(&lock);\n"
            "\tspin_unlock(&lock);", "context imbalance in 'f'"),
        "called_without_the_lock": ("return work();", "context check failure"),
    },
    "analyzer": {
        "leak": ("char *p = kmalloc(8, GFP_KERNEL);\n"
                 "\tif (a)\n\t\treturn 1;\n\tkfree(p);", "malloc-leak"),
        "use_after_free": ("char *p = vmalloc(8);\n\tif (!p)\n\t\treturn 1;\n"
                           "\tvfree(p);\n\tp[0] = 1;", "use-after-free"),
        "double_free": ("char *p = kzalloc(8, GFP_KERNEL);\n\tkfree(p);\n"
                        "\tif (a)\n\t\tkfree(p);", "double-free"),
        "freed_by_another": ("char *p = kmalloc(8, GFP_KERNEL);\n\tvfree(p);",
                             "mismatching-deallocation"),
        "null": ("int *p = a ? &a : NULL;\n\treturn *p;", "null-dereference"),
    },
    "cppcheck": {
        "past_an_array": ("int b[4] = { a };\n\treturn b[4];",
                          "arrayIndexOutOfBounds"),
        "shift_too_far": ("return a << 32;", "shiftTooManyBits"),
    },
    "tidy": {
        "filled_with_more_than_a_byte": (
            "char b[64];\n\tmemset(b, 0x1234, sizeof(b));\n\treturn b[0];",
            "bugprone-suspicious-memset-usage"),
        "widened_too_late": ("uint64_t bytes = (unsigned int)a * 4096U;\n"
                             "\treturn bytes > 1;",
                             "bugprone-implicit-widening"),
        "null": ("int *p = a ? &a : NULL;\n\treturn *p;",
                 "clang-analyzer-core.NullDereference"),
        "uninitialised": ("int b;\n\tif (a)\n\t\tb = 1;\n\treturn b;",
                          "clang-analyzer-core"),
    },
}
CASES = [pytest.param(reader, name, id=f"{reader}-{name}")
         for reader, faults in FAULTS.items() for name in faults]


def need(reader):
    """Skip where the tool is missing; in CI that is a failure."""
    command = {"tidy": "clang-tidy"}.get(reader, reader)
    if reader == "analyzer" or shutil.which(command):
        return
    reason = f"no {command}: tools/setup test installs it"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def plant(name, text):
    """A source file of its own; returns its folder as make names it."""
    folder = PLANTED / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "planted.c").write_text(text, encoding="ascii")
    return folder.relative_to(lacuna.ROOT)


def make(folder, what):
    """make's answer for the planted file in folder, and what it made."""
    output = folder / "made"
    target = f"{output}/static/{folder}/planted.{what}"
    run = lacuna.run(["make", "-s", f"O={output}", "say=", target], 120,
                     cwd=lacuna.ROOT, env=lacuna.clean_environment("O"))
    return run, lacuna.ROOT / target


@pytest.mark.parametrize("reader, name", CASES)
def test_a_fault_is_found(reader, name):
    need(reader)
    body, says = FAULTS[reader][name]
    folder = plant(f"{reader}-{name}",
                   f"{HEAD}int f(int a)\n{{\n\t{body}\n\treturn 0;\n}}\n")
    run, made = make(folder, reader)
    assert run.status != 0 and not made.exists(), "it found nothing"
    assert says in run.log + run.errors, run.why()


@pytest.mark.parametrize("reader", FAULTS)
def test_nothing_is_found_where_nothing_is_wrong(reader):
    need(reader)
    good = ("\tchar *p = kmalloc(8, GFP_KERNEL | __GFP_ZERO);\n\n"
            "\tspin_lock(&lock);\n\ta += work();\n\tspin_unlock(&lock);\n"
            "\tif (p && a)\n\t\tp[0] = 'x';\n\tkfree(p);\n\treturn a;\n")
    folder = plant(f"{reader}-good", f"{HEAD}int f(int a)\n{{\n{good}}}\n")
    run, made = make(folder, reader)
    assert run.status == 0 and made.exists(), run.log + run.errors


# --- stack.py ----------------------------------------------------------------

CALLS = """
void deep(void), turns(int n), asks(void (*ask)(void)), wide(int n);
void use(volatile char *p);
static __noinline void big(void) { volatile char b[9000]; use(b); }
void __noinline use(volatile char *p) { p[0] = 1; }
void deep(void) { big(); }
void turns(int n) { volatile char b[16]; use(b); if (n) turns(n - 1); use(b); }
void asks(void (*print)(void)) { print(); }
"""


@pytest.fixture(scope="module", name="calls")
def fixture_calls():
    folder = plant(f"calls-{os.getpid()}", f"#include <lib/compiler.h>\n{CALLS}")
    run, made = make(folder, "ci")
    assert run.status == 0, run.log + run.errors
    yield made.read_text(encoding="ascii")
    shutil.rmtree(lacuna.ROOT / folder)


def graph_of(text):
    graph = stack.Graph()
    graph.read(text)
    return graph


def test_stack_adds_up_a_path(calls):
    size, path = graph_of(calls).deepest("deep")
    assert 9000 < size < 9200
    assert [part[0].split(":")[-1] for part, _ in path][:2] == ["deep", "big"]


def test_stack_wants_a_bound_for_recursion(calls, monkeypatch):
    graph = graph_of(calls)
    with pytest.raises(stack.Failure, match="without a bound: turns"):
        graph.deepest("turns")
    monkeypatch.setitem(stack.CYCLES, "turns", (5, "a reason"))
    assert graph.deepest("turns")[0] == \
        5 * graph.size["turns"] + graph.size["use"]


def test_stack_wants_to_know_whom_a_pointer_calls(calls, monkeypatch):
    monkeypatch.delitem(stack.POINTERS, "print")
    with pytest.raises(stack.Failure, match="planted.c:9: .*a pointer"):
        graph_of(calls)
    monkeypatch.setitem(stack.POINTERS, "print", ["deep"])
    assert graph_of(calls).deepest("asks")[0] > 9000


def test_stack_wants_every_frame():
    graph = stack.Graph()
    graph.read('node: { title: "a" label: "a\\na.c:1:1\\n8 bytes (static)" }\n'
               'edge: { sourcename: "a" targetname: "nobody" }\n')
    with pytest.raises(stack.Failure, match="a calls nobody"):
        graph.check()
    with pytest.raises(stack.Failure, match="alloca"):
        graph.read('node: { title: "g" label: "g\\na.c:2:1\\n'
                   '8 bytes (dynamic)" }\n')


def kernel_of(deep):
    """A kernel whose thread is so deep: what gcc would write about it."""
    sizes = {name: 16 for name in [
        *stack.LAST_WORDS, "boot_high", "ktest_run", "bench_run", "irq_handle",
        "trap_dispatch", "trap_exception", "recovery_link",
        "modules/explain/picture.c:explain_picture"]}
    sizes["boot_high"] = deep
    return "".join(
        f'node: {{ title: "{name}" label: "x\\na.c:1:1\\n{size} bytes '
        f'(static)" }}\n' for name, size in sizes.items())


@pytest.mark.parametrize("deep, status", [(7000, 0), (8100, 1)])
def test_stack_fails_beyond_half_of_one(tmp_path, monkeypatch, capsys, deep,
                                        status):
    (tmp_path / "a.ci").write_text(kernel_of(deep), encoding="ascii")
    monkeypatch.setattr("sys.argv", ["stack.py", str(tmp_path / "a.ci")])
    assert stack.main() == status
    assert "of at most 8192" in capsys.readouterr().out


# --- rodata.py ---------------------------------------------------------------

TABLES = """
extern int other;
const int good[] = { 1, 2 };
const char *const names[] = { "a" };
int variable = 3;
"""


@pytest.mark.parametrize("line, says", [
    ("", None),
    ("const volatile int table[] = { 1 };", "C1: table is const"),
    ("static const int here __attribute__((section(\".data.x\"), used)) = 1;",
     "C1: here is const"),
    ("int sneaky __attribute__((section(\".rodata\"))) = 1;",
     "C2: sneaky is not const"),
], ids=["good", "volatile", "elsewhere", "not_const"])
def test_rodata(tmp_path, line, says):
    (tmp_path / "a.c").write_text(f"{TABLES}\n{line}\n", encoding="ascii")
    for argv in (["gcc", "-g", "-fno-pic", "-w", "-c", "a.c", "-o", "a.o"],
                 ["ld", "-m", "elf_i386", "-e", "0", "a.o", "-o", "a.elf"]):
        tool = [lacuna.cross(argv[0]), *argv[1:]]
        assert lacuna.run(tool, 60, cwd=tmp_path).status == 0
    run = lacuna.run([lacuna.cross("objdump"), "-h", "--dwarf=info",
                      tmp_path / "a.elf"], 60)
    nr, found = rodata.complaints(run.log)
    assert nr >= 2
    assert (says is None) == (found == [])
    assert says is None or any(says in sentence for sentence in found), found


# --- suppressions.py ---------------------------------------------------------

@pytest.mark.parametrize("line, reason", [
    ("\tf();\t/* NOLINT(bugprone-x): f is Linux's */", "f is Linux's"),
    ("\tf();\t/* NOLINT(bugprone-x) */", ""),
    ("\t/* NOLINTNEXTLINE */", ""),
    ("/* cppcheck-suppress nullPointer ; never */", "; never"),
    ("#ifdef __CHECKER__", ""),
    ("\tf();\t/* a comment */", None),
])
def test_suppressions_have_a_reason(line, reason):
    found = [why for _, _, why in suppressions.in_source("a.c", line)]
    assert found == ([] if reason is None else [reason])


def test_suppressions_of_cppcheck_have_a_reason_above():
    text = "# what\n\n# because\nid:a.c\n\nother\n"
    assert [(what, bool(why)) for _, what, why in suppressions.in_list(text)] \
        == [("id:a.c", True), ("other", False)]
