// The tree as text, a line a node, children below it and two blanks to the right. Without places, so
// that two layouts of one file print the same.
#include "frontend/ast.h"

typedef struct printer {
  strbuf *out;
  uint32_t level;
} printer;

static void print_expr(printer *p, const char *label, const ast_expr *e);
static void print_stmts(printer *p, const ast_stmts *list);

static void begin(printer *p, const char *text)
{
  for (uint32_t i = 0; i < p->level; i++)
    strbuf_puts(p->out, "  ");
  strbuf_puts(p->out, text);
}

static void end(printer *p)
{
  strbuf_putc(p->out, '\n');
}

static void word(printer *p, const char *text)
{
  strbuf_putc(p->out, ' ');
  strbuf_puts(p->out, text);
}

static void quoted(printer *p, const char *text)
{
  strbuf_putc(p->out, ' ');
  strbuf_json(p->out, text);
}

static void text_line(printer *p, const char *label, const char *text)
{
  if (!text) return;
  begin(p, label);
  quoted(p, text);
  end(p);
}

// ---- formulas -----------------------------------------------------------------------------------

static void print_value(printer *p, const ast_expr *e)
{
  switch (e->kind) {
  case AST_NUMBER:
  case AST_PERCENT:
  case AST_DURATION:
  case AST_MONEY:
    strbuf_putc(p->out, ' ');
    rational_print(p->out, e->value);
    if (e->kind == AST_MONEY) word(p, e->text);
    return;
  case AST_TIME:
    strbuf_printf(p->out, " %lld", (long long)e->time);
    return;
  case AST_TEXT:
    quoted(p, e->text);
    return;
  case AST_NAME:
  case AST_DOT:
  case AST_CALL:
    word(p, e->text);
    return;
  case AST_ERROR:
  case AST_NEG:
  case AST_NOT:
  case AST_ADD:
  case AST_SUB:
  case AST_MUL:
  case AST_DIV:
  case AST_EQ:
  case AST_NE:
  case AST_LT:
  case AST_LE:
  case AST_GT:
  case AST_GE:
  case AST_AND:
  case AST_OR:
  case AST_IN_RANGE:
  case AST_IN_SET:
  case AST_RANGE:
  case AST_BEFORE:
  case AST_NOT_AFTER:
  case AST_OVERLAP:
  case AST_N_EXPR_KINDS:
    return;
  }
}

// label is what the node is to its parent, "" where that is clear.
static void print_expr(printer *p, const char *label, const ast_expr *e)
{
  if (!e) return;
  begin(p, label);
  strbuf_puts(p->out, ast_expr_kind_name(e->kind));
  print_value(p, e);
  end(p);
  p->level++;
  print_expr(p, "", e->a);
  print_expr(p, "", e->b);
  print_expr(p, "lo0 ", e->lo0);
  print_expr(p, "lo1 ", e->lo1);
  print_expr(p, "hi0 ", e->hi0);
  print_expr(p, "hi1 ", e->hi1);
  for (uint32_t i = 0; i < e->args.n; i++)
    print_expr(p, "", e->args.at[i]);
  p->level--;
}

// ---- roles and sets -----------------------------------------------------------------------------

static void print_role(printer *p, const char *label, const ast_role *r)
{
  static const char *const shape[] = {[AST_ROLE_PLAIN] = " role",
                                      [AST_ROLE_GROUP] = " group",
                                      [AST_ROLE_CHAIN] = " chain",
                                      [AST_ROLE_ANY] = " any"};
  begin(p, label);
  strbuf_puts(p->out, shape[r->shape]);
  if (r->shape != AST_ROLE_ANY) word(p, r->name.text);
  end(p);
  p->level++;
  print_expr(p, "", r->bounds);
  p->level--;
}

static void print_set(printer *p, const ast_set *s)
{
  static const char *const kind[] = {
      [AST_SET_OUT] = "out", [AST_SET_IN] = "in", [AST_SET_ROLE] = "role",
      [AST_SET_AND] = "and", [AST_SET_OR] = "or", [AST_SET_MINUS] = "minus"};
  if (!s) return;
  begin(p, kind[s->kind]);
  if (s->name.text) word(p, s->name.text);
  if (s->support == AST_SUPPORT_ALL) word(p, "all");
  if (s->as.text) {
    word(p, "as");
    word(p, s->as.text);
  }
  end(p);
  p->level++;
  print_expr(p, "at least ", s->at_least);
  print_expr(p, "where ", s->filter);
  print_set(p, s->a);
  print_set(p, s->b);
  p->level--;
}

// ---- tests --------------------------------------------------------------------------------------

static void print_tx(printer *p, const ast_test_tx *tx)
{
  text_line(p, "from", tx->from.text);
  text_line(p, "to", tx->to.text);
  print_expr(p, "amount ", tx->amount);
  print_expr(p, "at ", tx->at);
  for (uint32_t i = 0; i < tx->with_names.n && i < tx->with_values.n; i++) {
    text_line(p, "with", tx->with_names.at[i].text);
    p->level++;
    print_expr(p, "", tx->with_values.at[i]);
    p->level--;
  }
}

static void print_expect(printer *p, const ast_expect *e)
{
  begin(p, "matches");
  strbuf_printf(p->out, " %lld", (long long)e->n);
  end(p);
  for (uint32_t i = 0; i < e->with.n; i++) {
    const ast_expectation *with = &e->with.at[i];
    begin(p, with->is_set ? "with set" : "with");
    word(p, with->name.text);
    for (uint32_t k = 0; k < with->accounts.n; k++)
      quoted(p, with->accounts.at[k].text);
    end(p);
    p->level++;
    print_expr(p, "", with->range);
    p->level--;
  }
}

// ---- statements ---------------------------------------------------------------------------------

static void print_meta(printer *p, const ast_stmt *s)
{
  for (uint32_t i = 0; i < s->meta.n; i++) {
    const ast_meta_entry *e = &s->meta.at[i];
    begin(p, e->key.text);
    for (uint32_t k = 0; k < e->values.n && k < e->quoted.n; k++) {
      if (e->quoted.at[k])
        quoted(p, e->values.at[k].text);
      else
        word(p, e->values.at[k].text);
    }
    end(p);
  }
}

static void print_ends(printer *p, const ast_stmt *s)
{
  if (s->kind != AST_STAGE && s->kind != AST_ABSENT) return;
  print_role(p, "from", &s->from);
  if (s->has_via) print_role(p, "via", &s->via);
  print_role(p, "to", &s->to);
}

static void print_parts(printer *p, const ast_stmt *s)
{
  text_line(p, "doc", s->doc);
  print_meta(p, s);
  print_ends(p, s);
  text_line(p, "text", s->text.text);
  print_expr(p, s->kind == AST_STAGE || s->kind == AST_PROFILE ? "within " : "", s->value);
  print_expr(p, s->histogram ? "bins " : "in ", s->range);
  text_line(p, "reason", s->reason.text);
  print_expr(p, "where ", s->filter);
  print_expr(p, "support ", s->support_p);
  print_expr(p, "support ", s->support_q);
  print_expr(p, "size ", s->bounds);
  print_expr(p, "before ", s->before);
  print_set(p, s->set);
  if (s->tx) print_tx(p, s->tx);
  if (s->expect) print_expect(p, s->expect);
  print_stmts(p, &s->body);
}

static void print_stmt(printer *p, const ast_stmt *s)
{
  begin(p, s->histogram ? "histogram" : ast_stmt_kind_name(s->kind));
  if (s->name.text) {
    if (s->kind == AST_TEST)
      quoted(p, s->name.text);
    else
      word(p, s->name.text);
  }
  if (s->other.text) word(p, s->other.text);
  if (s->type.text) word(p, s->type.text);
  if (s->target.text) quoted(p, s->target.text);
  for (uint32_t i = 0; i < s->names.n; i++)
    word(p, s->names.at[i].text);
  end(p);
  p->level++;
  print_parts(p, s);
  p->level--;
}

static void print_stmts(printer *p, const ast_stmts *list)
{
  for (uint32_t i = 0; i < list->n; i++)
    print_stmt(p, list->at[i]);
}

void ast_print(strbuf *out, const ast_file *f)
{
  printer p = {out, 1};

  strbuf_printf(out, "file version %lld\n", (long long)f->version);
  print_stmts(&p, &f->items);
}
