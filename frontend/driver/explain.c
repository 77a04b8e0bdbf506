#include "frontend/driver/explain.h"

#include <string.h>

#include "frontend/driver/explain_words.h"

enum { WIDTH = 100, MAX_HEAD = 24 };

typedef struct teller {
  strbuf *out;
  const gir_pattern *p;
  strbuf line; // of the words being put together
} teller;

// ---- layout ---------------------------------------------------------------------------------------

static size_t columns(const char *text, size_t n)
{
  size_t cols = 0;
  for (size_t i = 0; i < n; i++)
    cols += (text[i] & 0xC0) != 0x80;
  return cols;
}

static void spaces(strbuf *out, size_t n)
{
  while (n--)
    strbuf_putc(out, ' ');
}

// Words from column `at` on, broken at blanks before WIDTH; further lines begin at column `indent`.
static void wrap(strbuf *out, const char *text, size_t at, size_t indent)
{
  bool first = true;
  while (*text) {
    size_t n = strcspn(text, " \n"), cols = columns(text, n);
    if (!first && at + 1 + cols > WIDTH) {
      strbuf_putc(out, '\n');
      spaces(out, indent);
      at = indent;
    } else if (!first) {
      strbuf_putc(out, ' ');
      at++;
    }
    strbuf_add(out, text, n);
    at += cols;
    first = false;
    text += n;
    text += strspn(text, " \n");
  }
  strbuf_putc(out, '\n');
}

static void heading(teller *t, const char *title)
{
  strbuf_printf(t->out, "\n%s\n", title);
}

// A sentence on lines of its own; takes the words of t->line.
static void say_line(teller *t)
{
  spaces(t->out, 2);
  wrap(t->out, strbuf_text(&t->line), 2, 4);
  strbuf_clear(&t->line);
}

// A name in a column of its own, and words about it.
static void say_item(teller *t, const char *name, size_t width)
{
  size_t cols = columns(name, strlen(name));
  spaces(t->out, 2);
  strbuf_puts(t->out, name);
  size_t at = 2 + (cols > width ? cols : width) + 2;
  spaces(t->out, at - 2 - cols);
  wrap(t->out, strbuf_text(&t->line), at, 2 + width + 2);
  strbuf_clear(&t->line);
}

static void say_bullet(teller *t)
{
  strbuf_puts(t->out, "  - ");
  wrap(t->out, strbuf_text(&t->line), 4, 4);
  strbuf_clear(&t->line);
}

static size_t widest(const gir_pattern *p, gir_type type)
{
  size_t width = 0;
  for (uint32_t i = 0; i < p->body.n; i++) {
    const gir_node *n = p->body.at[i];
    size_t cols = n->type == type ? columns(n->name, strlen(n->name)) : 0;
    if (cols > width) width = cols;
  }
  return width > MAX_HEAD ? MAX_HEAD : width;
}

// ---- sections -------------------------------------------------------------------------------------

static void tell_title(teller *t)
{
  const gir_pattern *p = t->p;
  strbuf_printf(t->out, "%s %s", p->name, p->version);
  if (*p->status) strbuf_printf(t->out, ", %s", p->status);
  strbuf_putc(t->out, '\n');
  if (!*p->doc) return;
  strbuf_puts(&t->line, p->doc);
  say_line(t);
}

static void tell_params(teller *t)
{
  const gir_pattern *p = t->p;
  size_t width = 0;
  if (p->params.n == 0) return;
  heading(t, "Parameters");
  for (uint32_t i = 0; i < p->params.n; i++) {
    size_t cols = columns(p->params.at[i].name, strlen(p->params.at[i].name));
    if (cols > width) width = cols;
  }
  if (width > MAX_HEAD) width = MAX_HEAD;
  for (uint32_t i = 0; i < p->params.n; i++) {
    const gir_param *a = &p->params.at[i];
    strbuf_puts(&t->line, a->value);
    if (*a->reason) strbuf_printf(&t->line, " (%s)", a->reason);
    say_item(t, a->name, width);
  }
}

static bool has_op(const gir_pattern *p, gir_op op)
{
  for (uint32_t i = 0; i < p->body.n; i++)
    if (p->body.at[i]->op == op) return true;
  return false;
}

// Who may be whom, as the rest of a sentence.
static void tell_equals(teller *t)
{
  const char *joint = ", except that";
  for (uint32_t i = 0; i < t->p->body.n; i++) {
    const gir_node *n = t->p->body.at[i];
    if (n->op != GIR_MAY_EQUAL) continue;
    strbuf_printf(&t->line, "%s %s and %s may share accounts", joint, n->args[0]->name,
                  n->args[1]->name);
    joint = " and";
  }
  strbuf_putc(&t->line, '.');
}

static void tell_roles(teller *t)
{
  size_t width = widest(t->p, TY_ROLE);
  uint32_t n_roles = 0;
  heading(t, "Accounts");
  for (uint32_t i = 0; i < t->p->body.n; i++) {
    const gir_node *n = t->p->body.at[i];
    if (n->type != TY_ROLE) continue;
    const gir_node *set = n->op == GIR_GROUP ? gir_set_of(t->p, n) : NULL;
    words_role(&t->line, n);
    if (set) {
      strbuf_puts(&t->line, ": ");
      words_set(&t->line, set->args[1], n);
    }
    say_item(t, n->name, width);
    n_roles++;
  }
  if (n_roles > 1) {
    strbuf_puts(&t->line, has_op(t->p, GIR_GROUP)
                              ? "Single accounts are all different, and in no group"
                              : "All accounts are different");
    tell_equals(t);
    say_line(t);
  }
  if (t->p->hubs > 0) {
    strbuf_printf(&t->line,
                  "An account with more than %lld transfers in, or more than %lld out, in the "
                  "window fills no role.",
                  (long long)t->p->hubs, (long long)t->p->hubs);
    say_line(t);
  }
}

static void tell_stages(teller *t)
{
  size_t width = widest(t->p, TY_STAGE);
  bool slopes = false;
  strbuf_puts(t->out, "\nTransfers, all of them in the ");
  gir_duration_print(t->out, rational_int(t->p->within));
  strbuf_puts(t->out, " up to the trigger\n");
  for (uint32_t i = 0; i < t->p->body.n; i++) {
    const gir_node *n = t->p->body.at[i];
    if (!gir_is_evidence(n)) continue;
    words_stage(&t->line, n);
    say_item(t, n->name, width);
    slopes = slopes || (gir_stage_filter(n) && words_has_slope(gir_stage_filter(n)));
  }
  if (!slopes) return;
  strbuf_puts(&t->line,
              "In `a~b..c~d` a value counts fully from b to c, less towards a and d, and not "
              "at all from there on.");
  say_line(t);
}

// Does anything compare amounts?
static bool has_money(const gir_node *n)
{
  if (n->type == TY_MONEY) return true;
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k] && n->args[k]->type != TY_STAGE && has_money(n->args[k])) return true;
  return false;
}

static void tell_currency(teller *t)
{
  bool money = false;
  for (uint32_t i = 0; i < t->p->body.n; i++)
    money = money || has_money(t->p->body.at[i]);
  switch (t->p->currency) {
  case GIR_CURRENCY_CHECKED:
    if (!money) return;
    strbuf_puts(&t->line,
                "Amounts compare and add up within one currency; across currencies they need "
                "a rate table.");
    break;
  case GIR_CURRENCY_SAME:
    strbuf_puts(&t->line, "Only transfers in the trigger's currency count.");
    break;
  case GIR_CURRENCY_IGNORED:
    strbuf_puts(&t->line, "Amounts are plain numbers: their currencies are ignored.");
    break;
  }
  say_line(t);
}

// What happens to what a condition of single transfers or members does not hold for.
static void tell_shrinking(teller *t)
{
  bool transfers = false, members = false;
  for (uint32_t i = 0; i < t->p->body.n; i++) {
    const gir_node *n = t->p->body.at[i];
    transfers = transfers || n->op == GIR_PAIR || n->op == GIR_HOP_PAIR;
    members = members || (n->op == GIR_EACH && n->args[0]->op == GIR_GROUP);
  }
  if (!transfers && !members) return;
  strbuf_printf(&t->line, "What fails is left out, and the rest is judged: %s%s%s.",
                transfers ? "a transfer without partner" : "", transfers && members ? ", " : "",
                members ? "an account of a group for which its condition fails" : "");
  say_line(t);
}

static void tell_conditions(teller *t)
{
  bool any = false;
  for (uint32_t i = 0; i < t->p->body.n; i++) {
    const gir_node *n = t->p->body.at[i];
    if (!words_condition(&t->line, t->p, n)) continue;
    if (!any) heading(t, "Conditions");
    any = true;
    say_bullet(t);
  }
  tell_shrinking(t);
  tell_currency(t);
}

static void tell_names(teller *t, gir_node *const *nodes, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++) {
    words_comma(&t->line, i, n, "or");
    strbuf_puts(&t->line, nodes[i]->name);
  }
}

static void tell_trigger(teller *t)
{
  const gir_pattern *p = t->p;
  heading(t, "Trigger");
  strbuf_puts(&t->line, "A match is reported at its last transfer, which falls in ");
  tell_names(t, p->triggers.at, p->triggers.n);
  if (p->trigger) strbuf_puts(&t->line, ", as the pattern asks");
  strbuf_putc(&t->line, '.');
  say_line(t);
  for (uint32_t i = 0; !p->trigger && i < p->body.n; i++) {
    const gir_node *n = p->body.at[i];
    const gir_node *why = gir_is_evidence(n) ? gir_kept_out_by(p, n) : NULL;
    if (!why) continue;
    strbuf_printf(&t->line, "Not in %s: by `%s` each of its transfers has a later one.", n->name,
                  gir_constraint_text(p, why));
    say_line(t);
  }
  strbuf_puts(&t->line, "The pattern looks back at most ");
  gir_duration_print(&t->line, rational_int(p->span_s));
  strbuf_puts(&t->line, " from the trigger.");
  say_line(t);
}

static bool has_ring(const gir_pattern *p)
{
  for (uint32_t i = 0; i < p->body.n; i++) {
    const gir_node *n = p->body.at[i];
    if (n->op == GIR_WALK && gir_stage_from(n) == gir_stage_to(n)) return true;
  }
  return false;
}

// Something can hold by half.
static bool is_graded(const gir_pattern *p)
{
  for (uint32_t i = 0; i < p->body.n; i++) {
    const gir_node *n = p->body.at[i];
    bool range = n->type == TY_ROLE || n->op == GIR_OVERLAP;
    if ((range && (n->range.has & (GIR_HAS_A | GIR_HAS_D))) || words_has_slope(n)) return true;
  }
  return false;
}

static void tell_alerts(teller *t)
{
  uint32_t n_keys = 0;
  heading(t, "Alerts");
  strbuf_puts(&t->line, "One alert per ");
  for (uint32_t i = 0; i < t->p->body.n; i++) {
    if (!gir_is_key(t->p->body.at[i])) continue;
    strbuf_printf(&t->line, "%s%s", n_keys++ ? ", " : "", t->p->body.at[i]->name);
  }
  if (n_keys == 0) strbuf_puts(&t->line, "pattern");
  strbuf_puts(&t->line, "; matches of these that share transfers are merged into one.");
  say_line(t);
  if (t->p->title.n > 0) {
    strbuf_puts(&t->line, "Its title: ");
    words_title(&t->line, t->p);
    say_line(t);
  }
  if (has_ring(t->p)) {
    strbuf_puts(&t->line,
                "A ring of the same accounts in the same order is the same, wherever it starts.");
    say_line(t);
  }
  if (is_graded(t->p)) {
    strbuf_puts(&t->line,
                "The degree of a match is that of its weakest condition, 1 where all hold fully.");
    say_line(t);
  }
  strbuf_puts(&t->line,
              t->p->breakable
                  ? "A match that reaches back before the first row of the data is marked "
                    "inconclusive, for earlier rows could break it; --history=complete says that "
                    "there were none."
                  : "Earlier rows could add to a match but never break it, so no match is "
                    "inconclusive.");
  say_line(t);
}

static void tell_features(teller *t)
{
  size_t width = 0;
  if (t->p->features.n == 0) return;
  heading(t, "Features of a transfer, besides count and degree of the matches it triggers");
  for (uint32_t i = 0; i < t->p->features.n; i++) {
    const char *name = t->p->features.at[i]->name;
    size_t cols = columns(name, strlen(name));
    if (cols > width) width = cols;
  }
  if (width > MAX_HEAD) width = MAX_HEAD;
  for (uint32_t i = 0; i < t->p->features.n; i++) {
    words_feature(&t->line, t->p->features.at[i]);
    say_item(t, t->p->features.at[i]->name, width);
  }
}

void explain_pattern(strbuf *out, const gir_pattern *p)
{
  teller t = {.out = out, .p = p};
  strbuf_init(&t.line, out->c);
  tell_title(&t);
  tell_params(&t);
  tell_roles(&t);
  tell_stages(&t);
  tell_conditions(&t);
  tell_trigger(&t);
  tell_alerts(&t);
  tell_features(&t);
  strbuf_release(&t.line);
}

// ---- JSON -----------------------------------------------------------------------------------------

static void json_key(teller *t, const char *key)
{
  strbuf_printf(t->out, ",\"%s\":", key);
}

static void json_text(teller *t, const char *key, const char *text)
{
  json_key(t, key);
  strbuf_json(t->out, text);
}

// The words of t->line as the last field of an object.
static void json_words(teller *t)
{
  json_text(t, "text", strbuf_text(&t->line));
  strbuf_putc(t->out, '}');
  strbuf_clear(&t->line);
}

static void json_keys(teller *t)
{
  const char *comma = "";
  json_key(t, "keys");
  strbuf_putc(t->out, '[');
  for (uint32_t i = 0; i < t->p->body.n; i++) {
    if (!gir_is_key(t->p->body.at[i])) continue;
    strbuf_puts(t->out, comma);
    strbuf_json(t->out, t->p->body.at[i]->name);
    comma = ",";
  }
  strbuf_putc(t->out, ']');
}

static void json_roles(teller *t)
{
  const char *comma = "";
  json_key(t, "roles");
  strbuf_putc(t->out, '[');
  for (uint32_t i = 0; i < t->p->body.n; i++) {
    const gir_node *n = t->p->body.at[i];
    if (n->type != TY_ROLE) continue;
    strbuf_printf(t->out, "%s{\"name\":", comma);
    strbuf_json(t->out, n->name);
    json_text(t, "kind", gir_ops[n->op].name);
    const gir_node *set = n->op == GIR_GROUP ? gir_set_of(t->p, n) : NULL;
    if (set) {
      words_set(&t->line, set->args[1], n);
      json_text(t, "set", strbuf_text(&t->line));
      strbuf_clear(&t->line);
    }
    words_role(&t->line, n);
    json_words(t);
    comma = ",";
  }
  strbuf_putc(t->out, ']');
}

static void json_stages(teller *t)
{
  const char *comma = "";
  json_key(t, "stages");
  strbuf_putc(t->out, '[');
  for (uint32_t i = 0; i < t->p->body.n; i++) {
    const gir_node *n = t->p->body.at[i];
    if (!gir_is_evidence(n)) continue;
    const gir_node *why = gir_kept_out_by(t->p, n);
    strbuf_printf(t->out, "%s{\"name\":", comma);
    strbuf_json(t->out, n->name);
    json_key(t, "no_trigger_because");
    if (why)
      strbuf_json(t->out, gir_constraint_text(t->p, why));
    else
      strbuf_puts(t->out, "null");
    words_stage(&t->line, n);
    json_words(t);
    comma = ",";
  }
  strbuf_putc(t->out, ']');
}

static void json_conditions(teller *t)
{
  const char *comma = "";
  json_key(t, "conditions");
  strbuf_putc(t->out, '[');
  for (uint32_t i = 0; i < t->p->body.n; i++) {
    const gir_node *n = t->p->body.at[i];
    if (!words_condition(&t->line, t->p, n)) continue;
    strbuf_printf(t->out, "%s{\"source\":", comma);
    strbuf_json(t->out, gir_constraint_text(t->p, n));
    json_words(t);
    comma = ",";
  }
  strbuf_putc(t->out, ']');
}

static void json_triggers(teller *t)
{
  json_key(t, "triggers");
  strbuf_putc(t->out, '[');
  for (uint32_t i = 0; i < t->p->triggers.n; i++) {
    if (i) strbuf_putc(t->out, ',');
    strbuf_json(t->out, t->p->triggers.at[i]->name);
  }
  strbuf_putc(t->out, ']');
}

static void json_features(teller *t)
{
  json_key(t, "features");
  strbuf_putc(t->out, '[');
  for (uint32_t i = 0; i < t->p->features.n; i++) {
    strbuf_puts(t->out, i ? ",{\"name\":" : "{\"name\":");
    strbuf_json(t->out, t->p->features.at[i]->name);
    words_feature(&t->line, t->p->features.at[i]);
    json_words(t);
  }
  strbuf_putc(t->out, ']');
}

static void json_title(teller *t)
{
  words_title(&t->line, t->p);
  json_text(t, "title", strbuf_text(&t->line));
  strbuf_clear(&t->line);
}

static void json_params(teller *t)
{
  json_key(t, "params");
  strbuf_putc(t->out, '[');
  for (uint32_t i = 0; i < t->p->params.n; i++) {
    const gir_param *a = &t->p->params.at[i];
    strbuf_puts(t->out, i ? ",{\"name\":" : "{\"name\":");
    strbuf_json(t->out, a->name);
    json_text(t, "type", a->type);
    json_text(t, "value", a->value);
    json_text(t, "reason", a->reason);
    strbuf_putc(t->out, '}');
  }
  strbuf_putc(t->out, ']');
}

void explain_pattern_json(strbuf *out, const gir_pattern *p)
{
  teller t = {.out = out, .p = p};
  strbuf_init(&t.line, out->c);
  strbuf_puts(out, "{\"pattern\":");
  strbuf_json(out, p->name);
  json_text(&t, "id", p->id);
  json_text(&t, "version", p->version);
  json_text(&t, "status", p->status);
  json_text(&t, "doc", p->doc);
  strbuf_printf(out, ",\"within_s\":%lld,\"span_s\":%lld", (long long)p->within,
                (long long)p->span_s);
  json_text(&t, "currency", gir_currency_names[p->currency]);
  strbuf_printf(out, ",\"hubs\":%lld", (long long)p->hubs);
  json_keys(&t);
  json_roles(&t);
  json_stages(&t);
  json_conditions(&t);
  json_triggers(&t);
  strbuf_printf(out, ",\"breakable\":%s", p->breakable ? "true" : "false");
  json_title(&t);
  json_features(&t);
  json_params(&t);
  strbuf_release(&t.line);
}
