// Functions of kernel IR: their frames and statements.
#include "backend_cpu/jit/jit_fn.h"

#include <string.h>

// ---- blocks and loads ---------------------------------------------------------------------------------

LLVMBasicBlockRef jit_block(jit_fn *fe, const char *name)
{
  return LLVMAppendBasicBlockInContext(fe->j->lc, fe->fn, name);
}

void jit_move_to(jit_fn *fe, LLVMBasicBlockRef block)
{
  LLVMPositionBuilderAtEnd(fe->j->b, block);
}

static bool has_ended(const jit_fn *fe)
{
  return LLVMGetBasicBlockTerminator(LLVMGetInsertBlock(fe->j->b)) != NULL;
}

void jit_go(jit_fn *fe, LLVMBasicBlockRef to)
{
  if (!has_ended(fe)) LLVMBuildBr(fe->j->b, to);
}

void jit_branch(jit_fn *fe, LLVMValueRef cond, LLVMBasicBlockRef yes, LLVMBasicBlockRef no)
{
  LLVMBuildCondBr(fe->j->b, cond, yes, no);
}

// Places are made in the entry block, so that a loop does not make new ones on every turn.
LLVMValueRef jit_place(jit_fn *fe, LLVMTypeRef type)
{
  LLVMBasicBlockRef at = LLVMGetInsertBlock(fe->j->b);
  LLVMPositionBuilderBefore(fe->j->b, LLVMGetBasicBlockTerminator(fe->entry));
  LLVMValueRef place = LLVMBuildAlloca(fe->j->b, type, "");
  jit_move_to(fe, at);
  return place;
}

LLVMValueRef jit_load_constant(jit_fn *fe, LLVMTypeRef type, LLVMValueRef at)
{
  LLVMValueRef v = LLVMBuildLoad2(fe->j->b, type, at, "");
  LLVMSetMetadata(v, fe->j->invariant, LLVMMetadataAsValue(fe->j->lc, fe->j->constant));
  return v;
}

LLVMValueRef jit_load_member(jit_fn *fe, abi_id type, LLVMValueRef at, const char *member)
{
  unsigned i = abi_member_of(type, member, strlen(member));
  LLVMTypeRef of = LLVMStructGetTypeAtIndex(fe->j->structs[type], i);
  LLVMValueRef place = LLVMBuildStructGEP2(fe->j->b, fe->j->structs[type], at, i, member);
  return LLVMBuildLoad2(fe->j->b, of, place, "");
}

LLVMValueRef jit_element(jit_fn *fe, LLVMTypeRef type, LLVMValueRef array, LLVMValueRef i)
{
  LLVMValueRef wide = LLVMBuildZExt(fe->j->b, i, fe->j->i64, "");
  return LLVMBuildInBoundsGEP2(fe->j->b, type, array, &wide, 1, "");
}

// ---- statements ---------------------------------------------------------------------------------------

static void statement(jit_fn *fe, const kir_node *n);

static void declare(jit_fn *fe, const char *name, LLVMValueRef value)
{
  jit_variable v = {name, value};
  VEC_PUSH(fe->j->mem, &fe->scope, v);
}

static void statements(jit_fn *fe, const kir_node *block)
{
  uint32_t outside = fe->scope.n;
  for (uint32_t k = 0; k < block->n_args && cx_ok(fe->j->c); k++)
    statement(fe, block->args[k]);
  fe->scope.n = outside;
}

static void do_let(jit_fn *fe, const kir_node *n)
{
  abi_id type = jit_aggregate(n->args[0]->type);
  LLVMValueRef own = type == ABI_N ? NULL : jit_place(fe, fe->j->structs[type]);
  declare(fe, n->name, jit_express(fe, n->args[0], own).at);
}

static void do_if(jit_fn *fe, const kir_node *n)
{
  const kir_node *other = n->n_args > 2 ? n->args[2] : NULL;
  LLVMBasicBlockRef yes = jit_block(fe, "if"), after = jit_block(fe, "after");
  LLVMBasicBlockRef no = other ? jit_block(fe, "else") : after;
  jit_branch(fe, jit_express(fe, n->args[0], NULL).at, yes, no);
  jit_move_to(fe, yes);
  statements(fe, n->args[1]);
  jit_go(fe, after);
  if (other) {
    jit_move_to(fe, no);
    statements(fe, other);
    jit_go(fe, after);
  }
  jit_move_to(fe, after);
}

// Loops that hold loops ask whether the run is to stop.
static void ask_to_stop(jit_fn *fe)
{
  LLVMValueRef args[] = {fe->w};
  LLVMValueRef stop = jit_call(fe->j, CALL_amlrt_w_stop, args, 1);
  LLVMBasicBlockRef leave = jit_block(fe, "stopped"), on = jit_block(fe, "on");
  jit_branch(fe, stop, leave, on);
  jit_move_to(fe, leave);
  LLVMBuildRetVoid(fe->j->b);
  jit_move_to(fe, on);
}

static void loop_variable(jit_fn *fe, const char *name, const char *member, LLVMValueRef slice,
                          LLVMValueRef i)
{
  LLVMValueRef array = jit_load_member(fe, ABI_amlrt_slice, slice, member);
  declare(fe, name, jit_load_constant(fe, fe->j->i32, jit_element(fe, fe->j->i32, array, i)));
}

static void do_for_each(jit_fn *fe, const kir_node *n)
{
  LLVMBuilderRef b = fe->j->b;
  LLVMBasicBlockRef was_next = fe->next, was_stop = fe->stop;
  jit_value slice = jit_express(fe, n->args[0], NULL);
  LLVMValueRef lo = jit_load_member(fe, ABI_amlrt_slice, slice.at, "lo");
  LLVMValueRef hi = jit_load_member(fe, ABI_amlrt_slice, slice.at, "hi");
  LLVMBasicBlockRef before = LLVMGetInsertBlock(b), head = jit_block(fe, "for_each");
  LLVMBasicBlockRef body = jit_block(fe, "body");
  fe->next = jit_block(fe, "next");
  fe->stop = jit_block(fe, "done");
  LLVMBuildBr(b, head);
  jit_move_to(fe, head);
  LLVMValueRef i = LLVMBuildPhi(b, fe->j->i32, "i");
  jit_branch(fe, LLVMBuildICmp(b, LLVMIntULT, i, hi, ""), body, fe->stop);
  jit_move_to(fe, body);
  if (kir_holds(n, KIR_FOR_EACH)) ask_to_stop(fe);
  uint32_t outside = fe->scope.n;
  loop_variable(fe, n->name, "nbr", slice.at, i);
  loop_variable(fe, n->text, "row", slice.at, i);
  statements(fe, n->args[1]);
  fe->scope.n = outside;
  jit_go(fe, fe->next);
  jit_move_to(fe, fe->next);
  LLVMValueRef in[] = {lo, LLVMBuildAdd(b, i, jit_int(fe->j, fe->j->i32, 1), "")};
  LLVMBasicBlockRef from[] = {before, fe->next};
  LLVMAddIncoming(i, in, from, 2);
  LLVMBuildBr(b, head);
  jit_move_to(fe, fe->stop);
  fe->next = was_next;
  fe->stop = was_stop;
  jit_done(fe, n->args[0], slice);
}

// One trigger's work: the loop over triggers is the runtime's.
static void do_parallel(jit_fn *fe, const kir_node *n)
{
  statements(fe, n->args[0]);
}

// What stands behind a jump is never run; it gets a block that nothing leads to.
static void after_jump(jit_fn *fe)
{
  jit_move_to(fe, jit_block(fe, "never"));
}

static void do_next(jit_fn *fe, const kir_node *n)
{
  (void)n;
  if (fe->next)
    LLVMBuildBr(fe->j->b, fe->next);
  else
    LLVMBuildRetVoid(fe->j->b);
  after_jump(fe);
}

static void do_stop(jit_fn *fe, const kir_node *n)
{
  (void)n;
  LLVMBuildBr(fe->j->b, fe->stop);
  after_jump(fe);
}

static void do_return(jit_fn *fe, const kir_node *n)
{
  (void)jit_express(fe, n->args[0], fe->result);
  jit_debug_at(fe->j, fe->fn, n->span);
  LLVMBuildRetVoid(fe->j->b);
  after_jump(fe);
}

static void do_candidate(jit_fn *fe, const kir_node *n)
{
  LLVMValueRef keys = LLVMConstNull(fe->j->ptr);
  if (n->n_args) keys = jit_place(fe, LLVMArrayType2(fe->j->i32, n->n_args));
  for (uint32_t k = 0; k < n->n_args; k++) {
    LLVMValueRef key = jit_express(fe, n->args[k], NULL).at;
    LLVMValueRef at = jit_int(fe->j, fe->j->i32, k);
    LLVMBuildStore(fe->j->b, key, jit_element(fe, fe->j->i32, keys, at));
  }
  LLVMValueRef args[] = {fe->w, keys};
  jit_debug_at(fe->j, fe->fn, n->span);
  jit_call(fe->j, CALL_amlrt_candidate, args, 2);
}

static void do_comment(jit_fn *fe, const kir_node *n)
{
  (void)fe;
  (void)n;
}

typedef void statement_fn(jit_fn *fe, const kir_node *n);
static statement_fn *const fns[KIR_N_OPS] = {
    [KIR_BLOCK] = statements,     [KIR_LET] = do_let,           [KIR_IF] = do_if,
    [KIR_FOR_EACH] = do_for_each, [KIR_PARALLEL] = do_parallel, [KIR_NEXT] = do_next,
    [KIR_STOP] = do_stop,         [KIR_RETURN] = do_return,     [KIR_CANDIDATE] = do_candidate,
    [KIR_COMMENT] = do_comment,
};

static void statement(jit_fn *fe, const kir_node *n)
{
  if (fns[n->op])
    fns[n->op](fe, n);
  else
    jit_done(fe, n, jit_call_op(fe, n, NULL));
}

// ---- frames -------------------------------------------------------------------------------------------

static bool uses_columns(const kir_node *n)
{
  if (n->op == KIR_FROM_OF || n->op == KIR_TO_OF || n->op == KIR_TIME_OF || n->op == KIR_FORMAT_OF)
    return true;
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k] && uses_columns(n->args[k])) return true;
  return false;
}

static const kir_node *parallel_of(const kir_fn *f)
{
  for (uint32_t k = 0; k < f->body->n_args; k++)
    if (f->body->args[k]->op == KIR_PARALLEL) return f->body->args[k];
  return NULL;
}

static bool takes_eval(kir_fn_kind kind)
{
  return kind == KIR_FN_AGG || kind == KIR_FN_SHOW;
}

static LLVMTypeRef frame_type(const jit_cx *j, const kir_fn *f)
{
  LLVMTypeRef types[3 + KIR_MAX_PARAMS];
  unsigned n = 0;
  if (jit_aggregate(kir_fn_gives[f->kind]) != ABI_N) types[n++] = j->ptr;
  types[n++] = j->ptr;
  if (takes_eval(f->kind)) types[n++] = j->ptr;
  for (const kir_fn_param *p = kir_fn_params[f->kind]; p->name; p++)
    types[n++] = j->i32;
  if (f->kind == KIR_FN_GENERATE) types[n++] = j->i32;
  return LLVMFunctionType(j->none, types, n, false);
}

static LLVMValueRef declare_function(jit_cx *j, const kir_module *m, const kir_fn *f)
{
  static const char *const words[][2] = {{"frame-pointer", "non-leaf"}, {"no-builtins", ""}};
  abi_id gives = jit_aggregate(kir_fn_gives[f->kind]);
  // A dot: no name of C, so no runtime function or library function that LLVM knows has it.
  LLVMValueRef fn =
      LLVMAddFunction(j->m, arena_printf(j->mem, "%s.%s", m->name, f->name), frame_type(j, f));
  LLVMSetLinkage(fn, LLVMInternalLinkage);
  jit_add_attr(j, fn, JIT_OF_FUNCTION, "nounwind", 0);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    LLVMAddAttributeAtIndex(fn, JIT_OF_FUNCTION,
                            LLVMCreateStringAttribute(j->lc, words[i][0],
                                                      (unsigned)strlen(words[i][0]), words[i][1],
                                                      (unsigned)strlen(words[i][1])));
  if (gives != ABI_N) {
    jit_add_type_attr(j, fn, 1, j->sret, gives);
    jit_add_attr(j, fn, 1, "noalias", 0);
  }
  return fn;
}

static LLVMValueRef take_param(const jit_fn *fe, unsigned k, const char *name)
{
  LLVMValueRef param = LLVMGetParam(fe->fn, k);
  LLVMSetValueName2(param, name, strlen(name));
  return param;
}

static void take_params(jit_fn *fe)
{
  const kir_fn *f = fe->f;
  unsigned k = 0;
  if (jit_aggregate(kir_fn_gives[f->kind]) != ABI_N) fe->result = take_param(fe, k++, "result");
  fe->w = take_param(fe, k++, "w");
  if (takes_eval(f->kind)) fe->v = take_param(fe, k++, "v");
  for (const kir_fn_param *p = kir_fn_params[f->kind]; p->name; p++)
    declare(fe, p->name, take_param(fe, k++, p->name));
  const kir_node *parallel = f->kind == KIR_FN_GENERATE ? parallel_of(f) : NULL;
  if (parallel) declare(fe, parallel->name, take_param(fe, k, parallel->name));
}

static void define(jit_module *jm, const kir_fn *f, LLVMValueRef fn)
{
  jit_cx *j = jm->j;
  jit_fn fe = {.jm = jm, .j = j, .f = f, .fn = fn};
  fe.entry = jit_block(&fe, "entry");
  LLVMBasicBlockRef start = jit_block(&fe, "start");
  jit_debug_fn(j, jm->m, f, fn);
  jit_move_to(&fe, fe.entry);
  LLVMBuildBr(j->b, start);
  jit_move_to(&fe, start);
  take_params(&fe);
  if (uses_columns(f->body)) fe.cols = jit_call(j, CALL_amlrt_w_cols, &fe.w, 1);
  statements(&fe, f->body);
  if (has_ended(&fe)) return;
  if (f->kind == KIR_FN_GENERATE)
    LLVMBuildRetVoid(j->b);
  else
    LLVMBuildUnreachable(j->b); // behind the return on every way: the verifier saw to it
}

static void note_uses(const jit_module *jm, bool *used)
{
  for (uint32_t k = 0; k < kir_n_fields; k++) {
    const kir_field *f = &kir_fields[k];
    uint32_t lists = f->record == KREC_COND ? jm->m->pairs.n : 1;
    if (!kir_is_fn(f->kind)) continue;
    for (uint32_t of = 0; of < lists; of++)
      for (uint32_t i = 0; i < kir_n_items(jm->m, f->record, of); i++) {
        const void *at = f->record == KREC_HEAD ? jm->m : kir_item(jm->m, f->record, of, i);
        uint32_t fn = kir_get_u32(f, at);
        if (fn < jm->m->fns.n) used[fn] = true;
      }
  }
}

void jit_functions(jit_module *jm)
{
  jit_cx *j = jm->j;
  bool *used = arena_try(j->mem, jm->m->fns.n + 1);
  if (!used) return;
  note_uses(jm, used);
  for (uint32_t i = 0; i < jm->m->fns.n; i++)
    if (used[i]) jm->fns[i] = declare_function(j, jm->m, jm->m->fns.at[i]);
  for (uint32_t i = 0; i < jm->m->fns.n && cx_ok(j->c); i++)
    if (used[i]) define(jm, jm->m->fns.at[i], jm->fns[i]);
}
