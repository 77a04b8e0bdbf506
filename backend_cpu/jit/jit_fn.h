// Between jit_fn.c (functions, statements) and jit_expr.c (expressions).
#ifndef AML_BACKEND_CPU_JIT_FN_H
#define AML_BACKEND_CPU_JIT_FN_H

#include "backend_cpu/jit/jit_inside.h"

typedef struct jit_variable { // in reach; an aggregate by the address of its place
  const char *name;
  LLVMValueRef value;
} jit_variable;

typedef VEC(LLVMValueRef) jit_values;

typedef struct jit_fn {
  jit_module *jm;
  jit_cx *j;
  const kir_fn *f;
  LLVMValueRef fn;
  LLVMValueRef w, v, result; // worker, evaluation, where the result goes; NULL: the kind has none
  LLVMValueRef cols;         // NULL: not used
  LLVMBasicBlockRef entry;   // of places on the stack
  LLVMBasicBlockRef next, stop; // of the innermost loop; NULL: none
  VEC(jit_variable) scope;
  jit_values free[ABI_N]; // places on the stack that are free again
} jit_fn;

// An expression's value: a number in a register, an aggregate by its address. `place`: on the stack, to
// be given back by jit_done once it was used.
typedef struct jit_value {
  LLVMValueRef at;
  bool place;
} jit_value;

// Where an aggregate is wanted at an address, `into` is that; else NULL.
jit_value jit_express(jit_fn *fe, const kir_node *n, LLVMValueRef into);
void jit_done(jit_fn *fe, const kir_node *n, jit_value v);
// Calls a runtime function by its row.
jit_value jit_call_op(jit_fn *fe, const kir_node *n, LLVMValueRef into);
bool jit_is_call(kir_op op);

LLVMValueRef jit_place(jit_fn *fe, LLVMTypeRef type); // new, of this function's frame
LLVMBasicBlockRef jit_block(jit_fn *fe, const char *name);
void jit_move_to(jit_fn *fe, LLVMBasicBlockRef block);
// A branch, unless the block has ended.
void jit_go(jit_fn *fe, LLVMBasicBlockRef to);
void jit_branch(jit_fn *fe, LLVMValueRef cond, LLVMBasicBlockRef yes, LLVMBasicBlockRef no);
LLVMValueRef jit_load_member(jit_fn *fe, abi_id type, LLVMValueRef at, const char *member);
// A load of what never changes while a detector runs.
LLVMValueRef jit_load_constant(jit_fn *fe, LLVMTypeRef type, LLVMValueRef at);
// array[i], i a u32.
LLVMValueRef jit_element(jit_fn *fe, LLVMTypeRef type, LLVMValueRef array, LLVMValueRef i);
LLVMValueRef jit_call(jit_cx *j, call_id id, LLVMValueRef *args, unsigned n);
abi_id jit_aggregate(kir_type type); // ABI_N: it is none

#endif
