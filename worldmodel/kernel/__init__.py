"""A world as fused machine code: scalar graph, adjoint, vector functions, noise, LLVM, a cache of object code."""
