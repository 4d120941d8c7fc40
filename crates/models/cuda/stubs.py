"""Writes static stub libraries for CUDA: python stubs.py CUDARC_SOURCE FOLDER.

A program that is linked with them starts on any machine. A stub has every function of its library that cudarc
calls, as a jump through a table. The first call of a function opens the real library and stores the real function
in the table. If the library or the function is missing, the call returns one of the library's error codes.
"""

import re
import subprocess
import sys
from pathlib import Path

# For each library: cudarc's folder, the possible file names, and the error code if it is missing.
LIBRARIES = {
    "cuda": ("driver", ["libcuda.so.1"], 100),  # CUDA_ERROR_NO_DEVICE
    "cublas": ("cublas", ["libcublas.so.13", "libcublas.so.12"], 1),  # CUBLAS_STATUS_NOT_INITIALIZED
    "cublasLt": ("cublaslt", ["libcublasLt.so.13", "libcublasLt.so.12"], 1),
    "curand": ("curand", ["libcurand.so.10"], 203),  # CURAND_STATUS_INITIALIZATION_FAILED
    "nvrtc": ("nvrtc", ["libnvrtc.so.13", "libnvrtc.so.12"], 11),  # NVRTC_ERROR_INTERNAL_ERROR
    "cudnn": ("cudnn", ["libcudnn.so.9"], 1001),  # CUDNN_STATUS_NOT_INITIALIZED
}

# The first call of a function passes its number to `find`. It saves all registers that can hold an argument,
# and aligns the stack to 16 bytes.
ASSEMBLY = """.text
{functions}
.Lfirst_call:
    push %rdi; push %rsi; push %rdx; push %rcx; push %r8; push %r9; push %rax
    sub $136, %rsp
    {save}
    mov 192(%rsp), %rdi
    call {library}_stub_find
    mov %rax, %r11
    {restore}
    add $136, %rsp
    pop %rax; pop %r9; pop %r8; pop %rcx; pop %rdx; pop %rsi; pop %rdi
    add $8, %rsp
    jmp *%r11
.data
.hidden {library}_stub_table
.globl {library}_stub_table
{library}_stub_table:
{table}
.section .note.GNU-stack,"",@progbits
"""

FUNCTION = """.globl {name}
.type {name}, @function
{name}: jmp *{library}_stub_table + 8 * {number}(%rip)
.Lfirst{number}: push ${number}
    jmp .Lfirst_call"""

C = """#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
extern void *{library}_stub_table[] __attribute__((visibility("hidden")));
static const char *const names[] = {{{names}}};
static const char *const files[] = {{{files}}};
static void *library;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void open_library(void) {{
    for (size_t i = 0; i < sizeof files / sizeof *files && !library; i++)
        library = dlopen(files[i], RTLD_NOW | RTLD_GLOBAL);
}}
static int missing(void) {{ return {error}; }}
__attribute__((visibility("hidden"))) void *{library}_stub_find(long number) {{
    pthread_once(&once, open_library);
    void *found = library ? dlsym(library, names[number]) : NULL;
    if (!found) found = (void *)missing;
    __atomic_store_n(&{library}_stub_table[number], found, __ATOMIC_RELEASE);
    return found;
}}
"""


def functions_of(source):
    """The names of the functions that a module of cudarc declares."""
    return sorted(set(re.findall(r'load::<_F>\("(\w+)"\)', source.read_text())))


def write(library, names, files, error, folder):
    moves = [("movups %xmm{0}, {1}(%rsp)", "movups {1}(%rsp), %xmm{0}")] * 8
    save = "; ".join(store.format(i, 16 * i) for i, (store, _) in enumerate(moves))
    restore = "; ".join(load.format(i, 16 * i) for i, (_, load) in enumerate(moves))
    functions = [FUNCTION.format(name=n, number=i, library=library) for i, n in enumerate(names)]
    table = "\n".join(f".quad .Lfirst{number}" for number in range(len(names)))
    assembly = folder / f"{library}.S"
    assembly.write_text(
        ASSEMBLY.format(
            functions="\n".join(functions), save=save, restore=restore, library=library, table=table
        )
    )
    quoted = lambda words: ", ".join(f'"{word}"' for word in words)
    finder = folder / f"{library}.c"
    finder.write_text(
        C.format(library=library, names=quoted(names), files=quoted(files), error=error)
    )
    objects = []
    for source in (assembly, finder):
        objects.append(source.with_name(source.name + ".o"))
        subprocess.check_call(["cc", "-O2", "-fPIC", "-c", source, "-o", objects[-1]])
    subprocess.check_call(["ar", "rcs", folder / f"lib{library}.a", *objects])


def main(cudarc, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for library, (module, files, error) in LIBRARIES.items():
        names = functions_of(cudarc / "src" / module / "sys" / "mod.rs")
        if not names:
            sys.exit(f"{cudarc}: no functions of {library}: another version of cudarc?")
        write(library, names, files, error, folder)


main(Path(sys.argv[1]), Path(sys.argv[2]))
