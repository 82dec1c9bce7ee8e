"""LLVM text to machine code of this computer, and machine code to callable addresses, through llvmlite."""

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import llvmlite
import llvmlite.binding as llvm


@lru_cache(maxsize=1)
def _target_machine() -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    llvm.initialize_native_asmparser()
    target = llvm.Target.from_default_triple()
    features = llvm.get_host_cpu_features().flatten()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=features, opt=1, reloc="pic", codemodel="small", jit=True
    )


@lru_cache(maxsize=1)
def host() -> str:
    """What machine code is made for and by: the compiler's versions, the processor and its features."""
    version = ".".join(map(str, llvm.llvm_version_info))
    return "\n".join(
        [
            f"llvmlite {llvmlite.__version__} llvm {version}",
            llvm.get_default_triple(),
            llvm.get_host_cpu_name(),
            llvm.get_host_cpu_features().flatten(),
        ]
    )


@lru_cache(maxsize=1)
def has_mulx() -> bool:
    """Whether this is an x86-64 with the multiplication that leaves the flags alone."""
    x86 = llvm.get_process_triple().split("-")[0] in ("x86_64", "amd64")
    return x86 and bool(llvm.get_host_cpu_features().get("bmi2", False))


def compile_text(text: str) -> bytes:
    """An object file of this computer from LLVM text.

    Our text is explicit vectors with nothing written twice. So a few passes do: calls that are to be written out, stack
    places that become registers, addresses that are computed or loaded again. LLVM's usual passes take ten times as
    long and find no more, and its second level of code generation finds no more either.
    """
    machine = _target_machine()
    module = llvm.parse_assembly(text)
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    passes = llvm.create_new_module_pass_manager()
    passes.add_always_inliner_pass()
    passes.add_global_dead_code_eliminate_pass()
    passes.add_sroa_pass()
    passes.add_new_gvn_pass()
    passes.add_simplify_cfg_pass()
    passes.run(module, llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options()))
    return bytes(machine.emit_object(module))


@dataclass(frozen=True)
class Library:
    """Loaded machine code. Addresses are good as long as it lives."""

    _engine: Any
    addresses: Mapping[str, int]

    def function(self, name: str, arguments: int) -> Any:
        """A function of pointers and 64-bit integers, without a result; calling it releases the interpreter's lock."""
        return ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * arguments)(self.addresses[name])


def load(object_code: bytes, names: tuple[str, ...]) -> Library:
    """Loads an object file that `compile_text` made. It is native code: only ever give it our own."""
    machine = _fresh_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(object_code))
    engine.finalize_object()
    return Library(engine, {name: engine.get_function_address(name) for name in names})


def _fresh_machine() -> Any:
    """An engine takes its machine over, so each has its own."""
    _target_machine()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(jit=True)
