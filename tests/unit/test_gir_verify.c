// Bad graph IR, a row for each rule of the verifier and more for those with several sides.
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ir/gir_verify.h"
#include "tests/unit/support_gir.h"

Suite *make_gir_verify_suite(void);

// Breaks a good pattern. A row either replaces a piece of the text, where text can say it, or has a
// function that spoils the nodes.
typedef struct bad_row {
  gir_rule rule;
  const char *name;
  const char *from, *to;
  void (*spoil)(gir_pattern *p);
} bad_row;

// ---- what text cannot say -------------------------------------------------------------------------

static gir_node *pair_of(gir_pattern *p)
{
  return gir_nth(p, GIR_PAIR, 0);
}

static void feature_in_body(gir_pattern *p)
{
  VEC_PUSH(p->mem, &p->body, p->features.at[0]);
}

static void condition_in_body(gir_pattern *p)
{
  VEC_PUSH(p->mem, &p->body, pair_of(p)->args[3]);
}

static void stage_in_title(gir_pattern *p)
{
  VEC_PUSH(p->mem, &p->title, gir_make(p, GIR_REQUIRE, p->span, NULL, 0));
}

static void role_twice(gir_pattern *p)
{
  VEC_PUSH(p->mem, &p->body, p->body.at[0]);
}

static void same_id(gir_pattern *p)
{
  gir_named(p, "sink")->id = gir_named(p, "source")->id;
}

static void id_beyond(gir_pattern *p)
{
  pair_of(p)->args[3]->id = p->n_nodes;
}

static void too_few_args(gir_pattern *p)
{
  pair_of(p)->n_args = 3;
}

static void too_many_args(gir_pattern *p)
{
  gir_node *args[] = {p->body.at[0], p->body.at[0]};
  p->title.at[0]->args = args;
  p->title.at[0]->n_args = 2;
}

static void missing_arg(gir_pattern *p)
{
  pair_of(p)->args[1] = NULL;
}

static void wrong_arg(gir_pattern *p)
{
  pair_of(p)->args[1] = gir_named(p, "mid");
}

static void wrong_type(gir_pattern *p)
{
  gir_nth(p, GIR_EACH, 0)->args[1]->args[0]->type = TY_MONEY;
}

static void cycle_of_nodes(gir_pattern *p)
{
  gir_node *in = gir_nth(p, GIR_EACH, 0)->args[1];
  in->args[0]->args[0] = in->args[0];
}

static void two_uses(gir_pattern *p)
{
  gir_node *ratio = gir_nth(p, GIR_EACH, 0)->args[1]->args[0];
  ratio->args[1] = ratio->args[0];
}

static void swap_body(gir_pattern *p)
{
  gir_node *first = p->body.at[0];
  p->body.at[0] = p->body.at[2];
  p->body.at[2] = first;
}

static void stranger(gir_pattern *p)
{
  gir_node *n = gir_make(p, GIR_ONE, p->span, NULL, 0);
  n->name = "stranger";
  p->title.at[0]->args[0] = n;
}

static void no_name(gir_pattern *p)
{
  gir_named(p, "sink")->name = "";
}

static void no_text(gir_pattern *p)
{
  pair_of(p)->text = NULL;
}

static gir_const *share_of(gir_pattern *p)
{
  return &gir_nth(p, GIR_MEMBERS, 1)->args[1]->value;
}

static void no_value(gir_pattern *p)
{
  share_of(p)->v.den = 0;
}

static void value_of_role(gir_pattern *p)
{
  share_of(p)->type = TY_ROLE;
}

static void share_too_large(gir_pattern *p)
{
  share_of(p)->v = rational_int(2);
}

static void share_of_nothing(gir_pattern *p)
{
  share_of(p)->v = rational_int(0);
}

static gir_range *size_of(gir_pattern *p)
{
  return &gir_named(p, "mid")->range;
}

static void no_ends(gir_pattern *p)
{
  size_of(p)->has = 0;
}

static void half_a_slope(gir_pattern *p)
{
  size_of(p)->has = GIR_HAS_A | GIR_HAS_C;
}

static void broken_end(gir_pattern *p)
{
  size_of(p)->b.den = 0;
}

static void flat_slope(gir_pattern *p)
{
  size_of(p)->has |= GIR_HAS_A;
  size_of(p)->a = size_of(p)->b;
}

static void size_in_seconds(gir_pattern *p)
{
  size_of(p)->type = TY_DURATION;
}

static void range_of_text(gir_pattern *p)
{
  size_of(p)->type = TY_TEXT;
}

static void two_triggers(gir_pattern *p)
{
  VEC_PUSH(p->mem, &p->triggers, gir_named(p, "scatter"));
}

static void no_triggers_kept(gir_pattern *p)
{
  p->triggers.n = 0;
}

static void trigger_elsewhere(gir_pattern *p)
{
  gir_node *args[] = {gir_named(p, "source"), gir_named(p, "sink")};
  p->trigger = gir_make(p, GIR_STAGE, p->span, args, 2);
  p->trigger->name = "elsewhere";
}

static void set_last(gir_pattern *p)
{
  gir_node *members = gir_nth(p, GIR_MEMBERS, 0);
  uint32_t i = 0;
  while (p->body.at[i] != members)
    i++;
  memmove(p->body.at + i, p->body.at + i + 1, (p->body.n - i - 1) * sizeof *p->body.at);
  p->body.at[p->body.n - 1] = members;
}

static void no_such_field(gir_pattern *p)
{
  // A money field of another name: what a row taken out of the table would leave behind.
  gir_node *n = gir_make(p, GIR_FIELD, p->span, NULL, 0),
           *filter = gir_named(p, "deposit")->args[2];
  n->name = "formed";
  n->type = TY_NONE;
  filter->args[1]->args[0] = n;
}

static void no_name_of_pattern(gir_pattern *p)
{
  p->name = NULL;
}

static void odd_currency(gir_pattern *p)
{
  p->currency = (gir_currency)7;
}

static void max_hubs(gir_pattern *p)
{
  p->hubs = -1;
}

// ---- the rows -------------------------------------------------------------------------------------

#define SG "scatter_gather"
#define MH "mule_herd"
#define ST "structuring"
#define RW "random_walk"

// Two patterns of one name: a whole second one behind the first.
#define SECOND(name)                                                                               \
  "\n}\npattern " name " {\n  id \"1\"\n  version \"1\"\n  within 1\n  %a = one a\n  %b = one b\n" \
  "  %s = stage s %a %b within=0\n}\n"

static const bad_row rows[] = {
    {RULE_HOME, SG, .spoil = feature_in_body},
    {RULE_HOME, SG, .spoil = condition_in_body},
    {RULE_HOME, SG, .spoil = stage_in_title},
    {RULE_TWICE, SG, .spoil = role_twice},
    {RULE_ID, SG, .spoil = same_id},
    {RULE_ID, SG, .spoil = id_beyond},
    {RULE_ARGS, SG, .spoil = too_few_args},
    {RULE_ARGS, SG, .spoil = too_many_args},
    {RULE_ARG_MISSING, SG, .spoil = missing_arg},
    {RULE_ARG_TYPE, SG, .spoil = wrong_arg},
    {RULE_RESULT, SG, .spoil = wrong_type},
    {RULE_SHARED, SG, .spoil = two_uses},
    {RULE_SHARED, SG, .spoil = cycle_of_nodes},
    {RULE_ORDER, SG, .spoil = swap_body},
    {RULE_ORDER, SG, .spoil = stranger},
    {RULE_NAME, SG, .spoil = no_name},
    {RULE_NAME, SG, "one sink", "one \"\"", NULL},
    {RULE_TEXT, SG, .spoil = no_text},
    {RULE_VALUE, MH, .spoil = no_value},
    {RULE_VALUE, MH, .spoil = value_of_role},
    {RULE_IMM, SG, "stage scatter %source %mid within=0", "stage scatter %source %mid within=-1",
     NULL},
    {RULE_IMM, "cycle", "%via %start within=0", "%via %start within=-1", NULL},
    {RULE_IMM, "bipartite", "support_from=2", "support_from=0", NULL},
    {RULE_IMM, MH, "%theft at_least=1", "%theft at_least=0", NULL},
    {RULE_IMM, "dormant", "anchored=yes", "anchored=no", NULL},
    {RULE_IMM, ST, "end=from", "end=2", NULL},
    {RULE_RANGE, SG, .spoil = no_ends},
    {RULE_RANGE, SG, .spoil = half_a_slope},
    {RULE_RANGE, SG, .spoil = broken_end},
    {RULE_RANGE, SG, "in number 3..", "in number ..", NULL},
    {RULE_RANGE_ORDER, SG, "0.7~0.8..1.25~1.4", "0.7~0.8..1.25~1.25", NULL},
    {RULE_RANGE_ORDER, SG, "0.7~0.8..1.25~1.4", "0.7~0.8..0.75~1.4", NULL},
    {RULE_RANGE_ORDER, SG, .spoil = flat_slope},
    {RULE_RANGE_UNIT, SG, .spoil = size_in_seconds},
    {RULE_RANGE_UNIT, SG, .spoil = range_of_text},
    {RULE_RANGE_UNIT, RW, "in duration ..86400~172800", "in number ..86400~172800", NULL},
    {RULE_RANGE_UNIT, "gather_scatter", "in number ..0.3~0.6", "in duration ..0.3~0.6", NULL},
    {RULE_RANGE_UNIT, "cycle", "in number 1..11", "in duration 1..11", NULL},
    {RULE_SAME_PATTERN, SG, "\n}\n", SECOND(SG), NULL},
    {RULE_SAME_PATTERN, "profile", "profile",
     "profile activity {\n within 1\n for from\n over in\n stat fan\n}\nprofile", NULL},
    {RULE_SAME_ROLE, SG, "one sink", "one source", NULL},
    {RULE_SAME_STAGE, SG, "stage gather", "stage scatter", NULL},
    {RULE_SAME_FEATURE, SG, "\n  derived",
     "  %x = count_role %mid\n  feature n %x kind=count lo=0 hi=0\n  derived", NULL},
    {RULE_ENDS, "dormant", "%wake = stage wake %payer %account",
     "%g = group g in number 1..\n  %wake = stage wake %payer %g", NULL},
    {RULE_ENDS, "cycle", "  hop_pair", "  %o = one o\n  %s = stage s %via %o within=0\n  hop_pair",
     NULL},
    {RULE_ENDS, "bipartite", "layer layer %payers %payees", "layer layer %payers %a", NULL},
    {RULE_ENDS, ST, "%on = stage on %account %24",
     "%x = anyone\n  %y = anyone\n  %on = stage on %x %y", NULL},
    {RULE_ENDS, RW, "absent back %end %start", "absent back %end %via", NULL},
    {RULE_SAME_ENDS, SG, "stage gather %mid %sink", "stage gather %mid %mid", NULL},
    {RULE_SAME_ENDS, "bipartite", "layer layer %payers %payees", "layer layer %payers %payers",
     NULL},
    {RULE_WALK, "cycle", "walk ring %start %via %start", "walk ring %start %start %start", NULL},
    {RULE_WALK, "cycle", "walk ring %start %via %start", "walk ring %start %via %via", NULL},
    {RULE_CHAIN_ALONE, "cycle", "  hop_pair",
     "  %w = walk w %start %via %start within=0\n  hop_pair", NULL},
    {RULE_CHAIN_ALONE, "cycle", "walk ring %start %via", "walk ring %start %start", NULL},
    {RULE_CHAIN_BOUND, "cycle", "in number 1..11", "in number 1..", NULL},
    {RULE_CLOSED_ORDER, "cycle", "before first=0 then=1", "not_after first=0 then=1", NULL},
    {RULE_UNBOUND, "gather_scatter", "  overlap",
     "  %x = group x in number 1..\n  %l = layer l %payer %x within=0 support_from=1 "
     "support_to=1\n  overlap",
     NULL},
    {RULE_UNCONNECTED, SG, "\n  derived", "  %x = one x\n  derived", NULL},
    {RULE_UNCONNECTED, SG, "\n  derived",
     "  %x = one x\n  %y = one y\n  %z = stage z %x %y within=0\n  derived", NULL},
    {RULE_MEMBERS, MH, "members %victims %5", "members %collector %5", NULL},
    {RULE_MEMBERS, MH, "members %others %6", "members %victims %6", NULL},
    {RULE_SET_ORDER, MH, "in_role %mule", "in_role %victims", NULL},
    {RULE_SET_ORDER, "union", .spoil = set_last},
    {RULE_TERM_ENDS, MH, "term theft %victims %mule", "term theft %collector %mule", NULL},
    {RULE_TERM_HOME, MH, "has %theft", "has %cash_out", NULL},
    {RULE_TERM_HOME, MH, "has %victims.2", "has %theft", NULL},
    {RULE_PROBE, "bipartite", "minus %1 %2", "intersect %1 %2", NULL},
    {RULE_PROBE, "union", "union %1 %2", "minus %1 %2", NULL},
    {RULE_AT_LEAST, "bipartite", "%payers.1 at_least=1", "%payers.1 at_least=2", NULL},
    {RULE_AT_LEAST, "bipartite", "has %payers.1 at_least=1", "has_share %payers.1 number 0.5",
     NULL},
    {RULE_SHARE, MH, .spoil = share_too_large},
    {RULE_SHARE, MH, .spoil = share_of_nothing},
    {RULE_SHARE, MH, "number 0.6", "duration 0.6", NULL},
    {RULE_EVIDENCE, MH, "pair %mule %theft %cash_out", "pair %collector %victims.2 %cash_out",
     NULL},
    {RULE_EVIDENCE, MH, "\n  trigger",
     "  %x = count %victims.2\n  %y = in_range %x in number 1..\n  require %y \"\"\n  trigger",
     NULL},
    {RULE_EVIDENCE, MH, "\n  trigger",
     "  overlap %theft %victims.2 in number ..0.5 \"\"\n  trigger", NULL},
    {RULE_EVIDENCE, MH, "\n  trigger",
     "  absent q %mule %collector none %victims.2 for=0 anchored=yes \"\"\n  trigger", NULL},
    {RULE_TOUCH, SG, "pair %mid %scatter", "pair %sink %scatter", NULL},
    {RULE_TOUCH, SG, "each %mid %5", "each %sink %5", NULL},
    {RULE_EACH_ROLE, ST, "pair %account %deposit %on", "pair %xx %deposit %on", NULL},
    {RULE_EACH_ROLE, "cycle", "hop_pair %ring %1", "each %via %1", NULL},
    {RULE_ALONG, SG, "pair %mid %scatter %gather %1", "hop_pair %gather %1", NULL},
    {RULE_ABSENT, RW, "for=0", "for=1", NULL},
    {RULE_MAY_EQUAL, ST, "may_equal %account %24", "may_equal %account %account", NULL},
    {RULE_FEATURE, SG, "lo=2 hi=30", "lo=30 hi=2", NULL},
    {RULE_FEATURE, SG, "lo=2 hi=30", "lo=-9223372036854775808 hi=9223372036854775807", NULL},
    {RULE_FEATURE, SG, "kind=histogram", "kind=6", NULL},
    {RULE_SCOPE, SG, "%1 = before first=0 then=1",
     "%0 = count_role %mid\n  %1 = in_range %0 in number 1..", NULL},
    {RULE_SCOPE, SG, "%5 = in_range %4 in number 0.7~0.8..1.25~1.4",
     "%0 = before first=0 then=1\n  %9 = in_range %4 in number 1..\n  %5 = and %9 %0", NULL},
    {RULE_SCOPE, ST, "count %deposit", "count_role %xx", NULL},
    {RULE_SIDE, ST, "field amount side=0", "field amount side=1", NULL},
    {RULE_SIDE, RW, "field amount side=1", "field amount side=2", NULL},
    {RULE_SIDE, RW, "gap first=0 then=1", "gap first=1 then=1", NULL},
    {RULE_UNITS, ST, "const time 1662000000 : time", "const number 1662000000 : number", NULL},
    {RULE_UNITS, ST, "sub %30 %31 : money", "mul %30 %31 : money", NULL},
    {RULE_UNITS, ST, "%31 = min amount %deposit : money", "%31 = const number 1 : number", NULL},
    {RULE_CURRENCY, ST, "money \"USD\" 10000 :", "money none 10000 :", NULL},
    {RULE_CURRENCY, ST, "money \"USD\" 7000", "money none 7000", NULL},
    {RULE_FIELD, ST, .spoil = no_such_field},
    {RULE_FIELD, ST, "column risk", "column amount", NULL},
    {RULE_AMOUNT, ST, "mean amount_received %deposit : money", "mean time %deposit : time", NULL},
    {RULE_ONE_OF, ST, "%3 = const text \"Cash\" : text", "%3 = field currency side=0 : text", NULL},
    {RULE_NOT_GRADED, ST, "%15 = const number -0.5 : number\n  %16 = gt %14 %15",
     "%16 = in_range %14 in number 1~2..", NULL},
    {RULE_HEAD, SG, "within 345600", "within 0", NULL},
    {RULE_HEAD, SG, "version \"1.0.0\"", "version \"\"", NULL},
    {RULE_HEAD, SG, "hubs 0", "hubs -1", NULL},
    {RULE_HEAD, SG, .spoil = no_name_of_pattern},
    {RULE_HEAD, SG, .spoil = odd_currency},
    {RULE_HEAD, SG, .spoil = max_hubs},
    {RULE_TRIGGER, MH, "trigger %cash_out", "trigger %victims.2", NULL},
    {RULE_TRIGGER, SG, .spoil = trigger_elsewhere},
    {RULE_NO_TRIGGER, MH, "trigger %cash_out", "trigger %theft", NULL},
    {RULE_NO_TRIGGER, SG, "\n  derived",
     "  %x = before first=1 then=0\n  pair %mid %scatter %gather %x \"\"\n  derived", NULL},
    {RULE_DERIVED, SG, .spoil = two_triggers},
    {RULE_DERIVED, SG, .spoil = no_triggers_kept},
    {RULE_PROFILE, "profile", "within 86400", "within 0", NULL},
    {RULE_PROFILE, "profile", "for from to", "for", NULL},
    {RULE_PROFILE, "profile", "  stat fan\n  stat sum amount\n  stat kurtosis amount\n", "", NULL},
};
enum { N_ROWS = sizeof rows / sizeof *rows };

// ---- the tests ------------------------------------------------------------------------------------

// Text that replaces needs an `any` of its own now and then: %xx.
static char *with_helpers(const char *text)
{
  if (!strstr(text, "%xx")) return strdup(text);
  return text_replaced(text, "  %1 = anyone\n", "  %1 = anyone\n  %xx = anyone\n");
}

// Reads the row's text as it is broken, or spoils what was read; b->out says what was found.
static void read_row(gir_bench *b, const bad_row *row)
{
  const char *text = gir_text_of(row->name);
  if (row->spoil) {
    row->spoil(gir_bench_pattern(b, text));
    ck_assert(!gir_verify(b->c, b->m));
    gir_bench_diags(b);
    return;
  }
  char *broken = text_replaced(text, row->from, row->to), *whole = with_helpers(broken);
  ck_assert(!gir_bench_read(b, whole, strlen(whole)));
  free(broken);
  free(whole);
}

START_TEST(catches_bad_ir)
{
  gir_bench b;
  gir_bench_init(&b, NULL);
  read_row(&b, &rows[_i]);
  const char *said = strbuf_text(&b.out);
  ck_assert_msg(strstr(said, gir_rule_words[rows[_i].rule]) != NULL, "row %d, to be caught: %s\n%s",
                _i, gir_rule_words[rows[_i].rule], said);
  gir_bench_release(&b);
}
END_TEST

START_TEST(every_rule_has_bad_ir)
{
  bool tried[GIR_N_RULES] = {false};
  for (int i = 0; i < N_ROWS; i++)
    tried[rows[i].rule] = true;
  for (int r = 0; r < GIR_N_RULES; r++)
    ck_assert_msg(tried[r], "no row breaks: %s", gir_rule_words[r]);
}
END_TEST

START_TEST(passes_good_ir)
{
  gir_bench b;
  gir_bench_init(&b, NULL);
  ck_assert(gir_bench_read(&b, gir_texts[_i].text, strlen(gir_texts[_i].text)));
  gir_verify_or_bug(b.m);
  ck_assert(gir_verify(b.c, b.m));
  ck_assert_uint_eq(diag_n_errors(b.c), 0);
  gir_bench_release(&b);
}
END_TEST

Suite *make_gir_verify_suite(void)
{
  Suite *s = suite_create("gir_verify");
  TCase *tc = tcase_create("rules");
  tcase_add_loop_test(tc, catches_bad_ir, 0, N_ROWS);
  tcase_add_test(tc, every_rule_has_bad_ir);
  tcase_add_loop_test(tc, passes_good_ir, 0, (int)n_gir_texts);
  suite_add_tcase(s, tc);
  return s;
}
