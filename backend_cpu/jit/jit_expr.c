// Expressions of kernel IR. An op that is one call is a row of `rows`; the rest has a function here.
#include "backend_cpu/jit/jit_fn.h"

#include <string.h>

// ---- ops that are calls -------------------------------------------------------------------------------

// Arguments: w worker, e evaluation, 0 1 the op's arguments, i j k its numbers, v constant, r range,
// y symbol, t text.
static const struct {
  call_id call;
  const char *args;
} rows[KIR_N_OPS] = {
    [KIR_GENERATE_ALL] = {CALL_amlrt_generate_all, "w0"},
    [KIR_MARKS_BEGIN] = {CALL_amlrt_w_marks_begin, "wi"},
    [KIR_CMP_BEGIN] = {CALL_amlrt_cmp_begin, "w0"},
    [KIR_CMP_NOTE_ROW] = {CALL_amlrt_cmp_note_row, "wi0"},
    [KIR_CMP_NOTE_LITERAL] = {CALL_amlrt_cmp_note_literal, "wy"},
    [KIR_CMP_NOTE_STAGE] = {CALL_amlrt_cmp_note_stage, "weij01"},
    [KIR_CMP_SETTLE] = {CALL_amlrt_cmp_settle, "w"},
    [KIR_TRIGGER_TIME] = {CALL_amlrt_w_trigger_time, "w"},
    [KIR_SYMBOL] = {CALL_amlrt_w_symbol, "wy"},
    [KIR_OUT_OF] = {CALL_amlrt_w_out, "w0"},
    [KIR_IN_OF] = {CALL_amlrt_w_in, "w0"},
    [KIR_PASSES] = {CALL_amlrt_w_passes, "wi0"},
    [KIR_ALLOWED] = {CALL_amlrt_w_allowed, "w0"},
    [KIR_MARK] = {CALL_amlrt_w_mark, "wi0"},
    [KIR_MARKED] = {CALL_amlrt_w_marked, "wi0"},
    [KIR_N_MARKED] = {CALL_amlrt_w_n_marked, "wi"},
    [KIR_N_CONST] = {CALL_amlrt_num_const, "v"},
    [KIR_N_MONEY] = {CALL_amlrt_num_money, "wvy"},
    [KIR_N_TEXT] = {CALL_amlrt_num_text, "t"},
    [KIR_N_FIELD] = {CALL_amlrt_num_field, "wi0"},
    [KIR_N_COLUMN] = {CALL_amlrt_num_column, "wy0"},
    [KIR_N_ATTRIBUTE] = {CALL_amlrt_num_attribute, "wy0i"},
    [KIR_N_GAP] = {CALL_amlrt_num_gap, "w01"},
    [KIR_N_AGG] = {CALL_amlrt_num_agg, "weijk01"},
    [KIR_N_AGG_COLUMN] = {CALL_amlrt_num_agg_column, "weiyk01"},
    [KIR_N_COUNT] = {CALL_amlrt_num_count, "wei01"},
    [KIR_N_FIRST] = {CALL_amlrt_num_first, "wei01"},
    [KIR_N_LAST] = {CALL_amlrt_num_last, "wei01"},
    [KIR_N_MEMBERS] = {CALL_amlrt_num_members, "wei"},
    [KIR_N_SPAN] = {CALL_amlrt_num_span, "we"},
    [KIR_N_ADD] = {CALL_amlrt_num_add, "01"},
    [KIR_N_SUB] = {CALL_amlrt_num_sub, "01"},
    [KIR_N_MUL] = {CALL_amlrt_num_mul, "01"},
    [KIR_N_DIV] = {CALL_amlrt_num_div, "01"},
    [KIR_N_RATIO] = {CALL_amlrt_num_div, "01"},
    [KIR_N_NEG] = {CALL_amlrt_num_neg, "0"},
    [KIR_C_CMP] = {CALL_amlrt_cond_cmp, "wi01j"},
    [KIR_C_IN] = {CALL_amlrt_cond_in, "w0ryj"},
    [KIR_C_TRUTH] = {CALL_amlrt_cond_truth, "0"},
    [KIR_C_CANNOT_SAY] = {CALL_amlrt_cond_cannot_say, ""},
    [KIR_C_AND] = {CALL_amlrt_cond_and, "01"},
    [KIR_C_OR] = {CALL_amlrt_cond_or, "01"},
    [KIR_C_NOT] = {CALL_amlrt_cond_not, "0"},
    [KIR_SHOW] = {CALL_amlrt_show, "w0j"},
};

bool jit_is_call(kir_op op)
{
  return rows[op].args != NULL;
}

static LLVMValueRef number(jit_fn *fe, int64_t v)
{
  return jit_int(fe->j, fe->j->i32, v);
}

static LLVMValueRef constant_at(jit_fn *fe, const char *name, LLVMValueRef value)
{
  LLVMValueRef g = jit_global(fe->j, name, LLVMTypeOf(value), value);
  LLVMSetUnnamedAddress(g, LLVMGlobalUnnamedAddr);
  return g;
}

static LLVMValueRef attribute_arg(jit_fn *fe, const kir_node *n, char what)
{
  switch (what) {
  case 'w':
    return fe->w;
  case 'e':
    return fe->v;
  case 'i':
  case 'j':
  case 'k':
    return number(fe, n->imm[what - 'i']);
  case 'y':
    return number(fe, n->symbol < 0 ? KIR_NONE : n->symbol);
  case 'v':
    return constant_at(fe, "number", jit_rational(fe->j, n->value));
  case 'r':
    return constant_at(fe, "range", jit_range(fe->j, &n->range));
  case 't':
    return jit_string(fe->j, n->text);
  }
  AML_BUG("rows of jit_expr.c: %c", what);
}

// The attributes of a call are those of its declaration: they say how arguments are passed.
LLVMValueRef jit_call(jit_cx *j, call_id id, LLVMValueRef *args, unsigned n)
{
  const call_info *info = &call_infos[id];
  abi_id hidden = jit_struct_of(info->result);
  LLVMValueRef callee = jit_callee(j, id);
  LLVMValueRef call = LLVMBuildCall2(j->b, j->call_types[id], callee, args, n, "");
  unsigned at = hidden != ABI_N;
  if (at) jit_add_call_type_attr(j, call, 1, j->sret, hidden);
  for (unsigned k = 0; k < n - at; k++) {
    abi_id type = jit_struct_of(info->args[k]);
    if (type != ABI_N) jit_add_call_type_attr(j, call, at + k + 1, j->byval, type);
    if (info->args[k] == abi_bool) jit_add_call_attr(j, call, at + k + 1, j->zeroext, 0);
  }
  if (info->result == abi_bool) jit_add_call_attr(j, call, LLVMAttributeReturnIndex, j->zeroext, 0);
  return call;
}

abi_id jit_aggregate(kir_type type)
{
  static const abi_id ids[KTY_N] = {[KTY_NUM] = ABI_amlrt_num,
                                    [KTY_COND] = ABI_amlrt_cond,
                                    [KTY_SLICE] = ABI_amlrt_slice,
                                    [KTY_VALUE] = ABI_amlrt_value};
  return ids[type] ? ids[type] : ABI_N; // the first layout is none of them
}

// A place for an expression's value: where it is wanted, else one on the stack.
static jit_value place_for(jit_fn *fe, const kir_node *n, LLVMValueRef into)
{
  abi_id type = jit_aggregate(n->type);
  jit_values *free = &fe->free[type];
  if (into) return (jit_value){into, false};
  if (free->n) return (jit_value){free->at[--free->n], true};
  return (jit_value){jit_place(fe, fe->j->structs[type]), true};
}

void jit_done(jit_fn *fe, const kir_node *n, jit_value v)
{
  if (v.place) VEC_PUSH(fe->j->mem, &fe->free[jit_aggregate(n->type)], v.at);
}

jit_value jit_call_op(jit_fn *fe, const kir_node *n, LLVMValueRef into)
{
  const call_info *info = &call_infos[rows[n->op].call];
  bool hidden = jit_struct_of(info->result) != ABI_N;
  LLVMValueRef args[CALL_MAX_ARGS + 1];
  jit_value given[2] = {{0}}, out = {0};
  unsigned n_args = hidden;
  for (const char *a = rows[n->op].args; *a; a++) {
    bool own = *a == '0' || *a == '1';
    if (own) given[*a - '0'] = jit_express(fe, n->args[*a - '0'], NULL);
    args[n_args++] = own ? given[*a - '0'].at : attribute_arg(fe, n, *a);
  }
  if (hidden) {
    out = place_for(fe, n, into);
    args[0] = out.at;
  }
  jit_debug_at(fe->j, fe->fn, n->span);
  LLVMValueRef result = jit_call(fe->j, rows[n->op].call, args, n_args);
  for (int k = 0; k < 2; k++)
    if (given[k].at) jit_done(fe, n->args[k], given[k]);
  return hidden ? out : (jit_value){result, false};
}

// ---- ops with a function ------------------------------------------------------------------------------

typedef jit_value express_fn(jit_fn *fe, const kir_node *n, LLVMValueRef into);

static jit_value plain(LLVMValueRef v)
{
  return (jit_value){v, false};
}

static LLVMValueRef scalar(jit_fn *fe, const kir_node *n)
{
  return jit_express(fe, n, NULL).at;
}

static void copy_to(jit_fn *fe, kir_type type, LLVMValueRef to, LLVMValueRef from)
{
  const abi_layout *l = &abi_layouts[jit_aggregate(type)];
  LLVMBuildMemCpy(fe->j->b, to, (unsigned)l->align, from, (unsigned)l->align,
                  jit_int(fe->j, fe->j->i64, (int64_t)l->bytes));
}

static jit_value express_var(jit_fn *fe, const kir_node *n, LLVMValueRef into)
{
  for (uint32_t i = fe->scope.n; i-- > 0;) {
    if (strcmp(fe->scope.at[i].name, n->name) != 0) continue;
    if (!into) return plain(fe->scope.at[i].value);
    copy_to(fe, n->type, into, fe->scope.at[i].value);
    return plain(into);
  }
  AML_BUG("no variable %s", n->name);
}

static jit_value express_u32(jit_fn *fe, const kir_node *n, LLVMValueRef into)
{
  (void)into;
  return plain(number(fe, n->imm[0]));
}

static jit_value express_i64(jit_fn *fe, const kir_node *n, LLVMValueRef into)
{
  (void)into;
  return plain(jit_int(fe->j, fe->j->i64, n->imm[0]));
}

static LLVMValueRef column(jit_fn *fe, const kir_node *n, const char *member, LLVMTypeRef type)
{
  LLVMValueRef row = scalar(fe, n->args[0]);
  unsigned at = abi_member_of(ABI_amlrt_cols, member, strlen(member));
  LLVMValueRef array = jit_load_constant(
      fe, fe->j->ptr,
      LLVMBuildStructGEP2(fe->j->b, fe->j->structs[ABI_amlrt_cols], fe->cols, at, member));
  return jit_load_constant(fe, type, jit_element(fe, type, array, row));
}

static jit_value express_column(jit_fn *fe, const kir_node *n, LLVMValueRef into)
{
  (void)into;
  if (n->op == KIR_TIME_OF) return plain(column(fe, n, "time", fe->j->i64));
  if (n->op == KIR_FROM_OF) return plain(column(fe, n, "from", fe->j->i32));
  if (n->op == KIR_TO_OF) return plain(column(fe, n, "to", fe->j->i32));
  LLVMValueRef format = column(fe, n, "format", fe->j->i16);
  return plain(LLVMBuildZExt(fe->j->b, format, fe->j->i32, ""));
}

static jit_value express_i_add(jit_fn *fe, const kir_node *n, LLVMValueRef into)
{
  static const char name[] = "llvm.sadd.sat";
  LLVMValueRef args[] = {scalar(fe, n->args[0]), scalar(fe, n->args[1])};
  unsigned id = LLVMLookupIntrinsicID(name, sizeof name - 1);
  LLVMTypeRef type = LLVMIntrinsicGetType(fe->j->lc, id, &fe->j->i64, 1);
  LLVMValueRef add = LLVMGetIntrinsicDeclaration(fe->j->m, id, &fe->j->i64, 1);
  (void)into;
  return plain(LLVMBuildCall2(fe->j->b, type, add, args, 2, ""));
}

static jit_value express_size_of(jit_fn *fe, const kir_node *n, LLVMValueRef into)
{
  jit_value slice = jit_express(fe, n->args[0], NULL);
  LLVMValueRef lo = jit_load_member(fe, ABI_amlrt_slice, slice.at, "lo");
  LLVMValueRef hi = jit_load_member(fe, ABI_amlrt_slice, slice.at, "hi");
  (void)into;
  jit_done(fe, n->args[0], slice);
  return plain(LLVMBuildSub(fe->j->b, hi, lo, "size"));
}

static jit_value express_compare(jit_fn *fe, const kir_node *n, LLVMValueRef into)
{
  static const LLVMIntPredicate how[KIR_N_OPS] = {[KIR_U_EQ] = LLVMIntEQ,
                                                  [KIR_U_NE] = LLVMIntNE,
                                                  [KIR_U_LT] = LLVMIntULT,
                                                  [KIR_I_LT] = LLVMIntSLT,
                                                  [KIR_I_LE] = LLVMIntSLE};
  LLVMValueRef a = scalar(fe, n->args[0]), b = scalar(fe, n->args[1]);
  (void)into;
  return plain(LLVMBuildICmp(fe->j->b, how[n->op], a, b, ""));
}

static jit_value express_not(jit_fn *fe, const kir_node *n, LLVMValueRef into)
{
  (void)into;
  return plain(LLVMBuildNot(fe->j->b, scalar(fe, n->args[0]), ""));
}

// The second is asked only where the first does not decide.
static jit_value express_and_or(jit_fn *fe, const kir_node *n, LLVMValueRef into)
{
  bool is_and = n->op == KIR_B_AND;
  LLVMBuilderRef b = fe->j->b;
  LLVMValueRef first = scalar(fe, n->args[0]);
  LLVMBasicBlockRef from[2] = {LLVMGetInsertBlock(b)};
  LLVMBasicBlockRef second = jit_block(fe, is_and ? "and" : "or"), after = jit_block(fe, "both");
  (void)into;
  jit_branch(fe, first, is_and ? second : after, is_and ? after : second);
  jit_move_to(fe, second);
  LLVMValueRef in[2] = {jit_int(fe->j, fe->j->i1, !is_and), scalar(fe, n->args[1])};
  from[1] = LLVMGetInsertBlock(b);
  jit_go(fe, after);
  jit_move_to(fe, after);
  LLVMValueRef phi = LLVMBuildPhi(b, fe->j->i1, "");
  LLVMAddIncoming(phi, in, from, 2);
  return plain(phi);
}

// Only what is chosen is worked out.
static jit_value express_select(jit_fn *fe, const kir_node *n, LLVMValueRef into)
{
  jit_value out = place_for(fe, n, into);
  LLVMBasicBlockRef block[2] = {jit_block(fe, "then"), jit_block(fe, "else")};
  LLVMBasicBlockRef after = jit_block(fe, "chosen");
  jit_branch(fe, scalar(fe, n->args[0]), block[0], block[1]);
  for (int k = 0; k < 2; k++) {
    jit_move_to(fe, block[k]);
    (void)jit_express(fe, n->args[k + 1], out.at);
    jit_go(fe, after);
  }
  jit_move_to(fe, after);
  return out;
}

// As amlrt_num_ratio: a division by 0 of one transfer or pair is unknown.
static jit_value express_ratio(jit_fn *fe, const kir_node *n, LLVMValueRef into)
{
  enum { UNKNOWN = 0, NOTHING = 1 }; // of amlrt_num_kind; tests/unit/test_jit.c compares
  LLVMBuilderRef b = fe->j->b;
  jit_value out = jit_call_op(fe, n, into);
  LLVMValueRef kind = LLVMBuildStructGEP2(b, fe->j->structs[ABI_amlrt_num], out.at, 0, "kind");
  LLVMValueRef was = LLVMBuildLoad2(b, fe->j->i32, kind, "");
  LLVMValueRef is_nothing = LLVMBuildICmp(b, LLVMIntEQ, was, number(fe, NOTHING), "");
  LLVMBuildStore(b, LLVMBuildSelect(b, is_nothing, number(fe, UNKNOWN), was, ""), kind);
  return out;
}

static jit_value express_one_of(jit_fn *fe, const kir_node *n, LLVMValueRef into)
{
  LLVMBuilderRef b = fe->j->b;
  LLVMTypeRef num = fe->j->structs[ABI_amlrt_num];
  uint32_t n_of = n->n_args - 1;
  LLVMValueRef of = jit_place(fe, LLVMArrayType2(num, n_of ? n_of : 1));
  jit_value v = jit_express(fe, n->args[0], NULL);
  for (uint32_t k = 0; k < n_of; k++) {
    LLVMValueRef at = jit_element(fe, num, of, number(fe, k));
    (void)jit_express(fe, n->args[k + 1], at);
  }
  jit_value out = place_for(fe, n, into);
  LLVMValueRef args[] = {out.at, fe->w, v.at, of, number(fe, n_of), number(fe, n->imm[1])};
  jit_debug_at(fe->j, fe->fn, n->span);
  jit_call(fe->j, CALL_amlrt_cond_one_of, args, 6);
  jit_done(fe, n->args[0], v);
  (void)b;
  return out;
}

static express_fn *const fns[KIR_N_OPS] = {
    [KIR_VAR] = express_var,          [KIR_U32] = express_u32,
    [KIR_I64] = express_i64,          [KIR_FROM_OF] = express_column,
    [KIR_TO_OF] = express_column,     [KIR_TIME_OF] = express_column,
    [KIR_FORMAT_OF] = express_column, [KIR_I_ADD] = express_i_add,
    [KIR_SIZE_OF] = express_size_of,  [KIR_U_EQ] = express_compare,
    [KIR_U_NE] = express_compare,     [KIR_U_LT] = express_compare,
    [KIR_I_LT] = express_compare,     [KIR_I_LE] = express_compare,
    [KIR_B_NOT] = express_not,        [KIR_B_AND] = express_and_or,
    [KIR_B_OR] = express_and_or,      [KIR_C_SELECT] = express_select,
    [KIR_N_RATIO] = express_ratio,    [KIR_C_ONE_OF] = express_one_of,
};

jit_value jit_express(jit_fn *fe, const kir_node *n, LLVMValueRef into)
{
  if (fns[n->op]) return fns[n->op](fe, n, into);
  if (jit_is_call(n->op)) return jit_call_op(fe, n, into);
  AML_BUG("%s is no expression", kir_ops[n->op].name);
}
