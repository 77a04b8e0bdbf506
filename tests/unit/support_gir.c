#include "tests/unit/support_gir.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define HEAD(name)                                                                                 \
  "gir 1\n\npattern " name " {\n  id \"00000000-0000-0000-0000-000000000001\"\n"                   \
  "  version \"1.0.0\"\n  status \"\"\n  doc \"\"\n"

const gir_text gir_texts[] = {
    {"scatter_gather",
     HEAD("scatter_gather") //
     "  meta tags \"amlworld.scatter_gather\" \"stage.layering\"\n"
     "  param window duration \"96h\" \"covers every planted attempt\"\n"
     "  param middlemen count \"3\" \"\"\n"
     "  within 345600\n"
     "  currency ignored\n"
     "  hubs 0\n"
     "\n"
     "  %source = one source\n"
     "  %mid = group mid in number 3..\n"
     "  %scatter = stage scatter %source %mid within=0\n"
     "  %sink = one sink\n"
     "  %gather = stage gather %mid %sink within=0\n"
     "  %1 = before first=0 then=1\n"
     "  pair %mid %scatter %gather %1 \"each mid: scatter before gather\"\n"
     "  %2 = sum amount %gather : money\n"
     "  %3 = sum amount %scatter : money\n"
     "  %4 = div %2 %3 : number\n"
     "  %5 = in_range %4 in number 0.7~0.8..1.25~1.4\n"
     "  each %mid %5 \"each mid: sum(gather.amount) / sum(scatter.amount) in kept\"\n"
     "  title_role %source\n"
     "  title_text \" reached \"\n"
     "  title_role %sink\n"
     "  %6 = count_role %mid\n"
     "  title_value %6\n"
     "  %7 = count_role %mid\n"
     "  feature n %7 kind=histogram lo=2 hi=30\n"
     "\n"
     "  derived span=345600 breakable=yes triggers %gather\n"
     "}\n"},
    {"mule_herd",
     HEAD("mule_herd") //
     "  within 259200\n"
     "  currency checked\n"
     "  hubs 0\n"
     "\n"
     "  %mule = group mule in number 3..\n"
     "  %collector = one collector\n"
     "  %cash_out = stage cash_out %mule %collector within=0\n"
     "  %victims = group victims in number 6..\n"
     "  %theft = term theft %victims %mule\n"
     "  %victims.2 = probe victims.2 %collector %victims\n"
     "  %1 = has %theft at_least=1\n"
     "  %2 = in_role %mule\n"
     "  %3 = minus %1 %2\n"
     "  %4 = has %victims.2 at_least=1\n"
     "  %5 = minus %3 %4\n"
     "  members %victims %5\n"
     "  %others = group others in number 0..\n"
     "  %leak = term leak %mule %others\n"
     "  %6 = has_share %leak number 0.6\n"
     "  members %others %6\n"
     "  %7 = before first=0 then=1\n"
     "  pair %mule %theft %cash_out %7 \"each mule: theft before cash_out\"\n"
     "\n"
     "  trigger %cash_out\n"
     "  derived span=259200 breakable=yes triggers %cash_out\n"
     "}\n"},
    {"cycle",
     HEAD("cycle") //
     "  within 345600\n"
     "  currency checked\n"
     "  hubs 0\n"
     "\n"
     "  %start = one start\n"
     "  %via = chain via in number 1..11\n"
     "  %ring = walk ring %start %via %start within=0\n"
     "  %1 = before first=0 then=1\n"
     "  hop_pair %ring %1 \"along ring: this before next\"\n"
     "  title_role %start\n"
     "  title_text \" got its money back after \"\n"
     "  %2 = count_role %via\n"
     "  %3 = const number 1 : number\n"
     "  %4 = add %2 %3 : number\n"
     "  title_value %4\n"
     "\n"
     "  derived span=345600 breakable=no triggers %ring\n"
     "}\n"},
    {"random_walk",
     HEAD("random_walk") //
     "  within 345600\n"
     "  currency same\n"
     "  hubs 200\n"
     "\n"
     "  %start = one start\n"
     "  %via = chain via in number 2..8\n"
     "  %end = one end\n"
     "  %walk = walk walk %start %via %end within=0\n"
     "  absent back %end %start for=0 anchored=no \"absent back: end -> start\"\n"
     "  %1 = gap first=0 then=1\n"
     "  %2 = in_range %1 in duration ..86400~172800\n"
     "  hop_pair %walk %2 \"along walk: gap(this, next) in ..24h~48h\"\n"
     "  %3 = field amount side=1 : money\n"
     "  %4 = field amount side=0 : money\n"
     "  %5 = div %3 %4 : number\n"
     "  %6 = in_range %5 in number 0.8~0.9..1~1.05\n"
     "  hop_pair %walk %6 \"along walk: next.amount / this.amount in 0.80~0.90..1.00~1.05\"\n"
     "\n"
     "  derived span=345600 breakable=yes triggers %walk\n"
     "}\n"},
    {"dormant",
     HEAD("dormant") //
     "  within 604800\n"
     "  currency checked\n"
     "  hubs 0\n"
     "\n"
     "  %payer = group payer in number 1..\n"
     "  %account = one account\n"
     "  %wake = stage wake %payer %account within=0\n"
     "  %payee = group payee in number 1..\n"
     "  %move = stage move %account %payee within=0\n"
     "  %1 = anyone\n"
     "  absent got %1 %account none %wake for=15552000 anchored=yes \"absent got: any -> account "
     "before first(wake) for 180d\"\n"
     "  %2 = anyone\n"
     "  absent sent %account %2 none %wake for=15552000 anchored=yes \"absent sent: account -> any "
     "before first(wake) for 180d\"\n"
     "  %3 = before first=0 then=1\n"
     "  pair %account %wake %move %3 \"each account: wake before move\"\n"
     "\n"
     "  derived span=16156800 breakable=yes triggers %move\n"
     "}\n"},
    {"bipartite",
     HEAD("bipartite") //
     "  within 172800\n"
     "  currency checked\n"
     "  hubs 0\n"
     "\n"
     "  %a = one a\n"
     "  %b = one b\n"
     "  %seed = stage seed %a %b within=0\n"
     "  %payees = group payees in number 2..\n"
     "  %payees.1 = term payees.1 %a %payees\n"
     "  %payees.2 = probe payees.2 %payees %a\n"
     "  %1 = has %payees.1 at_least=1\n"
     "  %2 = has %payees.2 at_least=1\n"
     "  %3 = minus %1 %2\n"
     "  members %payees %3\n"
     "  %payers = group payers in number 2..\n"
     "  %payers.1 = term payers.1 %payers %b\n"
     "  %4 = has %payers.1 at_least=1\n"
     "  members %payers %4\n"
     "  %layer = layer layer %payers %payees within=0 support_from=2 support_to=2\n"
     "\n"
     "  trigger %seed\n"
     "  derived span=172800 breakable=yes triggers %seed\n"
     "}\n"},
    {"gather_scatter",
     HEAD("gather_scatter") //
     "  within 734400\n"
     "  currency checked\n"
     "  hubs 0\n"
     "\n"
     "  %payer = group payer in number 3..\n"
     "  %hub = one hub\n"
     "  %gather = stage gather %payer %hub within=0\n"
     "  %payee = group payee in number 1~5..\n"
     "  %scatter = stage scatter %hub %payee within=86400\n"
     "  overlap %gather %scatter in number ..0.3~0.6 \"require gather before scatter overlap "
     "..30%~60%\"\n"
     "\n"
     "  derived span=734400 breakable=yes triggers %gather %scatter\n"
     "}\n"},
    {"structuring",      // and every op that no other pattern here has
     HEAD("structuring") //
     "  within 864000\n"
     "  currency checked\n"
     "  hubs 0\n"
     "\n"
     "  %account = one account\n"
     "  %1 = anyone\n"
     "  %2 = field format side=0 : text\n"
     "  %3 = const text \"Cash\" : text\n"
     "  %4 = const text \"Cheque \\\"new\\\"\\n\" : text\n"
     "  %5 = one_of %2 %3 %4\n"
     "  %6 = field amount side=0 : money\n"
     "  %7 = in_range %6 in money \"USD\" 7000~8000..10000\n"
     "  %8 = and %5 %7\n"
     "  %9 = attribute bank side=0 end=from : any\n"
     "  %10 = const text \"012\" : text\n"
     "  %11 = ne %9 %10\n"
     "  %12 = column risk side=0 : any\n"
     "  %13 = const number 1/3 : number\n"
     "  %14 = mul %12 %13 : number\n"
     "  %15 = const number -0.5 : number\n"
     "  %16 = gt %14 %15\n"
     "  %17 = not %16\n"
     "  %18 = or %11 %17\n"
     "  %19 = and %8 %18\n"
     "  %20 = field time side=0 : time\n"
     "  %21 = const time 1662000000 : time\n"
     "  %22 = ge %20 %21\n"
     "  %23 = and %19 %22\n"
     "  %deposit = stage deposit %1 %account %23 within=0\n"
     "  %24 = one \"the bank\"\n"
     "  %on = stage on %account %24 within=0\n"
     "  may_equal %account %24\n"
     "  %25 = count %deposit\n"
     "  %26 = in_range %25 in number 1~3..\n"
     "  require %26 \"require count(deposit) in 1~3..\"\n"
     "  %27 = sum amount %deposit : money\n"
     "  %28 = const money \"USD\" 10000 : money\n"
     "  %29 = gt %27 %28\n"
     "  %30 = max amount %deposit : money\n"
     "  %31 = min amount %deposit : money\n"
     "  %32 = sub %30 %31 : money\n"
     "  %33 = mean amount_received %deposit : money\n"
     "  %34 = lt %32 %33\n"
     "  %35 = and %29 %34\n"
     "  require %35 \"require sum(deposit.amount) > limit and ...\"\n"
     "  %36 = last %deposit\n"
     "  %37 = first %on\n"
     "  %38 = lt %36 %37\n"
     "  require %38 \"require last(deposit) < first(on)\"\n"
     "  %39 = distinct currency %on\n"
     "  %40 = const number 1 : number\n"
     "  %41 = le %39 %40\n"
     "  %42 = span\n"
     "  %43 = const duration 60 : duration\n"
     "  %44 = neg %43 : duration\n"
     "  %45 = eq %42 %44\n"
     "  %46 = or %41 %45\n"
     "  each %account %46 \"each account: distinct(on.currency) <= 1 or span = -60s\"\n"
     "  %47 = not_after first=0 then=1\n"
     "  pair %account %deposit %on %47 \"each account: deposit not after on\"\n"
     "\n"
     "  derived span=864000 breakable=yes triggers %on\n"
     "}\n"},
    {"profile", "gir 1\n"
                "\n"
                "profile activity {\n"
                "  within 86400\n"
                "  for from to\n"
                "  over out in\n"
                "  stat fan\n"
                "  stat sum amount\n"
                "  stat kurtosis amount\n"
                "}\n"},
    {"union",
     HEAD("union") //
     "  within 86400\n"
     "  currency checked\n"
     "  hubs 0\n"
     "\n"
     "  %a = one a\n"
     "  %b = one b\n"
     "  %near = group near in number 2..9\n"
     "  %given = term given %a %near\n"
     "  %taken = term taken %near %b\n"
     "  %1 = has %given at_least=1\n"
     "  %2 = has %taken at_least=1\n"
     "  %3 = union %1 %2\n"
     "  members %near %3\n"
     "  %far = group far in number 1..\n"
     "  %far.1 = term far.1 %near %far\n"
     "  %4 = has %far.1 at_least=2\n"
     "  %5 = in_role %near\n"
     "  %6 = intersect %4 %5\n"
     "  members %far %6\n"
     "\n"
     "  derived span=86400 breakable=yes triggers %given %taken %far.1\n"
     "}\n"},
};
const size_t n_gir_texts = sizeof gir_texts / sizeof *gir_texts;

const char *gir_text_of(const char *name)
{
  for (size_t i = 0; i < n_gir_texts; i++)
    if (strcmp(gir_texts[i].name, name) == 0) return gir_texts[i].text;
  return NULL;
}

void gir_bench_init(gir_bench *b, const cx_allocator *mem)
{
  *b = (gir_bench){.c = cx_new(mem, NULL)};
  if (!b->c) return;
  strbuf_init(&b->out, b->c);
  b->mem = arena_new(b->c, "test");
}

void gir_bench_release(gir_bench *b)
{
  if (!b->c) return;
  strbuf_release(&b->out);
  if (b->mem) arena_free(b->mem);
  cx_free(b->c);
}

bool gir_bench_read(gir_bench *b, const char *text, size_t n)
{
  uint32_t file = source_add(b->c, "t.gir", text, n);
  b->m = file == UINT32_MAX ? NULL : gir_parse(b->mem, b->c, file);
  if (!b->m) gir_bench_diags(b);
  return b->m != NULL;
}

gir_pattern *gir_bench_pattern(gir_bench *b, const char *text)
{
  if (!gir_bench_read(b, text, strlen(text))) ck_abort_msg("%s", strbuf_text(&b->out));
  ck_assert_uint_gt(b->m->patterns.n, 0);
  return b->m->patterns.at[0];
}

const char *gir_bench_print(gir_bench *b)
{
  strbuf_clear(&b->out);
  gir_print(&b->out, b->m);
  return strbuf_text(&b->out);
}

const char *gir_bench_diags(gir_bench *b)
{
  strbuf_clear(&b->out);
  diag_render(b->c, &b->out, DIAG_TEXT, false);
  return strbuf_text(&b->out);
}

gir_node *gir_named(const gir_pattern *p, const char *name)
{
  for (uint32_t i = 0; i < p->body.n; i++) {
    gir_node *n = p->body.at[i];
    if (n->type != TY_STMT && strcmp(n->name, name) == 0) return n;
  }
  return NULL;
}

gir_node *gir_nth(const gir_pattern *p, gir_op op, uint32_t k)
{
  for (uint32_t i = 0; i < p->body.n; i++)
    if (p->body.at[i]->op == op && k-- == 0) return p->body.at[i];
  return NULL;
}

char *text_replaced(const char *text, const char *from, const char *to)
{
  const char *at = strstr(text, from);
  ck_assert_msg(at != NULL, "'%s' is not in the text", from);
  size_t before = (size_t)(at - text), n = strlen(text) - strlen(from) + strlen(to) + 1;
  char *out = malloc(n);
  ck_assert_ptr_nonnull(out);
  memcpy(out, text, before);
  memcpy(out + before, to, strlen(to));
  memcpy(out + before + strlen(to), at + strlen(from), strlen(at + strlen(from)) + 1);
  return out;
}
