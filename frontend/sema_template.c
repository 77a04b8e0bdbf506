// The text of an alert: what stands in its braces is parsed and checked where it stands.
#include "frontend/sema_inside.h"
#include "ir/base/utf8.h"

#include <string.h>

typedef struct reader {
  sema_pattern *p;
  const char *text; // of the source
  uint32_t file, at, end;
  strbuf plain; // text since the last brace
  span plain_at;
} reader;

static void flush(reader *r)
{
  const char *text = strbuf_text(&r->plain);

  if (!*text) return;
  gir_node *n = gir_make(r->p->out, GIR_TITLE_TEXT, r->plain_at, NULL, 0);
  n->text = arena_text(r->p->env.mem, text, strlen(text));
  gir_add(r->p->out, n);
  strbuf_clear(&r->plain);
}

// ---- what stands in braces --------------------------------------------------------------------------

static bool add_role(reader *r, const ast_expr *x)
{
  sema_pattern *p = r->p;
  sema_symbol *s = x->kind == AST_NAME ? sema_find(&p->env, x->text) : NULL;

  if (!s || s->kind != SYM_ROLE) return false;
  if (!s->role->node) return true;
  flush(r);
  gir_add(p->out, gir_make(p->out, GIR_TITLE_ROLE, x->span, &s->role->node, 1));
  return true;
}

// A parameter that is a text or a range is printed as it stands.
static void add_words(reader *r, const sema_value *v)
{
  if (v->is_range)
    strbuf_puts(&r->plain, sema_value_text(r->p->env.mem, r->p->env.c, v));
  else if (v->text)
    strbuf_puts(&r->plain, v->text);
}

static void add_value(reader *r, const ast_expr *x)
{
  sema_pattern *p = r->p;
  sema_scope s = {.kind = IN_OUTPUT};
  sema_x v = lower_value(p, &p->env, &s, x);

  if (v.is_const && (v.v.is_range || v.type == TY_TEXT)) {
    add_words(r, &v.v);
    return;
  }
  if (v.type == TY_NONE) return;
  flush(r);
  gir_node *arg = lower_node(p, &v);
  gir_add(p->out, gir_make(p->out, GIR_TITLE_VALUE, x->span, &arg, 1));
}

static bool report_unknown(reader *r, const ast_expr *x)
{
  sema_pattern *p = r->p;
  sema_names names = {0};

  if (x->kind != AST_NAME || strcmp(x->text, "span") == 0 || sema_find(&p->env, x->text))
    return false;
  if (p->env.unit->broken) return true;
  diag_error(p->env.c, DIAG_UNKNOWN_NAME, x->span, "nothing in this pattern is called `%s`",
             x->text);
  sema_names_of(&names, p, SYM_ROLE);
  sema_names_of(&names, p, SYM_PARAM);
  VEC_PUSH(p->env.mem, &names, "span");
  sema_suggest(p->env.c, x->text, names.at, names.n, "names");
  return true;
}

static uint32_t closing(const reader *r)
{
  uint32_t at = r->at;
  bool quoted = false;

  for (; at < r->end; at++) {
    if (r->text[at] == '"') quoted = !quoted;
    if (r->text[at] == '}' && !quoted) break;
  }
  return at;
}

static void braces(reader *r)
{
  cx *c = r->p->env.c;
  uint32_t open = r->at - 1, close = closing(r), n = r->at;

  while (n < close && strchr(" \t", r->text[n]))
    n++;
  if (close == r->end) {
    diag_error(c, DIAG_TEMPLATE, (span){r->file, open, open + 1}, "this brace is never closed");
    diag_help(c, "write `}` after the name, or `{{` for a brace in the text");
  } else if (n == close) {
    diag_error(c, DIAG_TEMPLATE, (span){r->file, open, close + 1},
               "nothing stands in these braces");
    diag_help(c, "write a role, as in `{account}`, or a value, as in `{count(STAGE)}`");
  } else {
    ast_expr *x = parse_expr(r->p->env.mem, c, r->file, r->at, close);
    if (x && x->kind != AST_ERROR && !add_role(r, x) && !report_unknown(r, x)) add_value(r, x);
  }
  r->at = close < r->end ? close + 1 : r->end;
}

// ---- the text ---------------------------------------------------------------------------------------

// \n \" \\ and \u{..}: the lexer has made sure that they are right.
static void escape(reader *r)
{
  char ch = r->text[r->at++];

  if (ch == 'n') {
    strbuf_putc(&r->plain, '\n');
  } else if (ch == 'u' && r->at < r->end && r->text[r->at] == '{') {
    uint32_t code = 0;
    for (r->at++; r->at < r->end && r->text[r->at] != '}'; r->at++) {
      const char *digits = "0123456789abcdef", *d = strchr(digits, r->text[r->at] | 0x20);
      if (d && *d && code < 0x110000) code = code * 16 + (uint32_t)(d - digits);
    }
    r->at += r->at < r->end;
    char utf8[4];
    strbuf_add(&r->plain, utf8, utf8_put(utf8, code));
  } else {
    strbuf_putc(&r->plain, ch);
  }
}

static void next_piece(reader *r)
{
  char ch = r->text[r->at++];
  bool twice = r->at < r->end && r->text[r->at] == ch;

  if (ch == '\\' && r->at < r->end) {
    escape(r);
  } else if ((ch == '{' || ch == '}') && twice) {
    strbuf_putc(&r->plain, ch);
    r->at++;
  } else if (ch == '{') {
    braces(r);
  } else {
    strbuf_putc(&r->plain, ch);
  }
}

void sema_alert(sema_pattern *p, const ast_stmt *s)
{
  const source *src = source_get(p->env.c, s->text.span.file);
  reader r = {.p = p, .text = src->text, .file = s->text.span.file};

  if (!s->text.text || s->text.span.end < s->text.span.start + 2) return;
  r.at = s->text.span.start + 1;
  r.end = s->text.span.end - 1;
  r.plain_at = s->text.span;
  strbuf_init(&r.plain, p->env.c);
  while (r.at < r.end && cx_ok(p->env.c))
    next_piece(&r);
  flush(&r);
  strbuf_release(&r.plain);
}
