#include "tests/unit/support_kir.h"

#include <check.h>
#include <string.h>

// Each as kir_print writes it. Together they have every op and every field of a table: a test asks.
const kir_text kir_texts[] = {
    {"everything",
     "kir 1\n"
     "\n"
     "pattern everything {\n"
     "  id \"00000000-0000-0000-0000-000000000001\"\n"
     "  version \"1.2.3\"\n"
     "  status \"test\"\n"
     "  hash \"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"\n"
     "  source \"everything.aml\"\n"
     "  currency checked\n"
     "  within 86400\n"
     "  span 172800\n"
     "  hubs 1000\n"
     "  breakable yes\n"
     "  trigger %pay\n"
     "  generate %generate\n"
     "\n"
     "  symbol kind=currency text=\"USD\" // 0\n"
     "  symbol kind=format text=\"Wire\" // 1\n"
     "  symbol kind=column text=\"risk\" // 2\n"
     "  symbol kind=attribute text=\"bank\" // 3\n"
     "\n"
     "  param window type=\"duration\" value=\"24h\" reason=\"a reason with \\\"quotes\\\", a"
     " \\\\ and \\u{7}\"\n"
     "  param least type=\"count\" value=\"2\"\n"
     "\n"
     "  role payer kind=one\n"
     "  role mid kind=group size in number 1~2..8~9 set=4 may_be_empty=yes shares=yes\n"
     "  role payee kind=one\n"
     "  role others kind=group size in number 1.. late=yes\n"
     "\n"
     "  may_equal a=%payer b=%payee\n"
     "\n"
     "  stage pay kind=plain from=%payer to=%payee shown=0 required=yes ends_may_equal=yes"
     " can_trigger=yes within=3600 filter=%filter_pay same_filter=7 same_rows=3 line=\"stage pay: "
     "payer -> "
     "payee\"\n"
     "  stage gift kind=plain from=any to=%others shown=1 may_be_empty=yes line=\"stage gift:"
     " any -> others\"\n"
     "  stage mid.1 kind=term from=%payer to=%mid owner=%mid shown=2 optional=yes"
     " may_be_empty=yes line=\"stage mid.1: payer -> mid\"\n"
     "  stage mid.2 kind=term from=%others to=%mid owner=%mid shown=3 line=\"stage mid.2:"
     " others -> mid\"\n"
     "  stage not_back kind=probe from=%mid to=%payer owner=%mid line=\"stage not_back: mid"
     " -> payer\"\n"
     "  stage layer kind=layer from=%mid to=%others shown=4 support_from=2 support_to=1"
     " line=\"layer: mid -> others support 2.., 1..\"\n"
     "\n"
     "  set op=has a=%mid.1 at_least=1 // 0\n"
     "  set op=share a=%mid.2 share=0.6 // 1\n"
     "  set op=or a=0 b=1 // 2\n"
     "  set op=role a=%payee // 3\n"
     "  set op=minus a=2 b=3 // 4\n"
     "  set op=has a=%not_back at_least=2 // 5\n"
     "  set op=and a=2 b=5 // 6\n"
     "\n"
     "  start role=%mid\n"
     "  start role=%others\n"
     "\n"
     "  pair role=%mid first=%mid.1 then=%layer first_asked=yes then_asked=yes"
     " lo=-9223372036854775807 hi=9223372036854775807 by_time=yes // 0\n"
     "    cond fn=%each_mid constraint=5\n"
     "    cond fn=%each_mid_2 constraint=6 swapped=yes has_gap=yes gap_forward=yes gap in"
     " duration 60..3600~7200\n"
     "\n"
     "  con kind=size text=\"mid[1~2..8~9]\" scope=match shown in number 1~2..8~9 role=%mid"
     " range in number 1~2..8~9 // 0\n"
     "  con kind=filter text=\"pay: where ...\" scope=tx stage=%pay // 1\n"
     "  con kind=support text=\"layer support 2.., 1..\" scope=match stage=%layer // 2\n"
     "  con kind=each text=\"each payer: sum(pay.amount) > 9000 USD\" scope=members shown in"
     " money \"USD\" 9000.. role=%payer agg=%each_payer // 3\n"
     "  con kind=require text=\"require mean(gift.amount) in 1/3..\" scope=match shown in"
     " number 1/3..123456789012345678901234567890 agg=%require // 4\n"
     "  con kind=pair text=\"each mid: mid.1 before layer\" scope=members pair=0 cond=0 // 5\n"
     "  con kind=pair text=\"each mid: gap\" scope=hops shown in duration 60..3600~7200"
     " pair=0 cond=1 // 6\n"
     "  con kind=overlap text=\"require pay before gift overlap ..20%\" scope=match shown in"
     " number ..0.2 stage=%pay other=%gift range in number ..0.2 // 7\n"
     "  con kind=absent text=\"absent back: payee -> any before first(pay) for 180d\""
     " scope=match from=%payee filter=%filter_back anchor=%pay for=15552000 // 8\n"
     "\n"
     "  title kind=role index=%payer\n"
     "  title kind=text text=\" paid /* \?\?/ */ \\\\ \\\"\303\251\\\" \\u{7f}\"\n"
     "  title kind=value index=0\n"
     "\n"
     "  title_value fn=%title\n"
     "\n"
     "  feature n kind=histogram lo=-2 hi=30 fn=%feature_n\n"
     "  feature best kind=max fn=%title\n"
     "\n"
     "  plan kind=trigger_major lo=-9223372036854775808 hi=9223372036854775807\n"
     "  plan kind=key_major exact=yes key=%payer far_key=%payer group=%mid first=%mid.1 "
     "then=%not_back lo=1"
     " hi=3600 ratio in number 0.8..1\n"
     "\n"
     "  need kind=standard of=\"amount\"\n"
     "  need kind=column of=\"risk\"\n"
     "  need kind=attribute of=\"bank\"\n"
     "\n"
     "  fn row filter_pay \"stage pay: payer -> payee where amount > 9000 USD ...\" {\n"
     "    cmp_begin time_of(row)\n"
     "    cmp_note_row row, field=amount\n"
     "    cmp_note_literal symbol=0\n"
     "    let c1 = c_select(cmp_settle(), c_cmp(n_field(row, field=amount), n_money(9000,"
     " symbol=0), cmp=gt, shown=money), c_cannot_say())\n"
     "    let c2 = c_one_of(n_field(row, field=format), n_text(\"Wire\"), n_text(\"a"
     " \\\"b\\\" \?\?/ \\\\\"), shown=none)\n"
     "    let c3 = c_in(n_neg(n_ratio(n_sub(n_column(row, symbol=2), n_const(-7/3)), n_const(2))),"
     " in number"
     " -0.5..2.5~3.5, shown=number, symbol=none)\n"
     "    let c4 = c_cmp(n_attribute(row, end=to, symbol=3), n_text(\"012\"), cmp=ne,"
     " shown=none)\n"
     "    return c_and(c_or(c1, c2), c_and(c3, c_not(c4)))\n"
     "  }\n"
     "\n"
     "  fn row filter_back \"absent back: ... where format = Wire\" {\n"
     "    let number = format_of(row)\n"
     "    if u_eq(number, symbol(symbol=1)) {\n"
     "      return c_truth(u_ne(from_of(row), to_of(row)))\n"
     "    } else {\n"
     "      block {\n"
     "        comment \"never\"\n"
     "        return c_cannot_say()\n"
     "      }\n"
     "    }\n"
     "  }\n"
     "\n"
     "  fn pair each_mid \"each mid: mid.1 before layer\" {\n"
     "    return c_truth(b_or(i_lt(time_of(a), time_of(b)), b_and(i_le(i_add(time_of(a),"
     " i64(value=-60)), trigger_time()), b_not(u_lt(a, b)))))\n"
     "  }\n"
     "\n"
     "  fn pair each_mid_2 \"each mid: gap(mid.1, layer) in 1m..1h~2h\" {\n"
     "    return c_in(n_gap(a, b), in duration 60..3600~7200, shown=duration, symbol=none)\n"
     "  }\n"
     "\n"
     "  fn agg each_payer \"each payer: sum(pay.amount) > 9000 USD\" {\n"
     "    cmp_begin trigger_time()\n"
     "    cmp_note_stage role, account, field=amount, stage=%pay\n"
     "    cmp_note_literal symbol=0\n"
     "    if b_not(cmp_settle()) {\n"
     "      return c_cannot_say()\n"
     "    }\n"
     "    return c_cmp(n_agg(role, account, agg=sum, field=amount, stage=%pay),"
     " n_money(9000.25, symbol=0), cmp=gt, shown=money)\n"
     "  }\n"
     "\n"
     "  fn agg require \"require mean(risk) ...\" {\n"
     "    let late = c_cmp(n_last(none, none, stage=%gift), n_first(none, none,"
     " stage=%mid.1), cmp=ge, shown=time)\n"
     "    return c_or(late, c_cmp(n_div(n_agg_column(none, none, agg=mean, stage=%gift,"
     " symbol=2), n_count(none, none, stage=%pay)), n_mul(n_span(), n_const(1/86400)),"
     " cmp=le, shown=number))\n"
     "  }\n"
     "\n"
     "  fn show title \"\" {\n"
     "    return show(n_add(n_members(role=%mid), n_const(123456789012345678901234567890)),"
     " shown=number)\n"
     "  }\n"
     "\n"
     "  fn show feature_n \"\" {\n"
     "    return show(n_agg(none, none, agg=distinct, field=currency, stage=%gift),"
     " shown=number)\n"
     "  }\n"
     "\n"
     "  fn generate generate \"candidates\" {\n"
     "    comment \"both ends are bound\"\n"
     "    parallel e {\n"
     "      if b_not(passes(e, stage=%pay)) {\n"
     "        generate_all e\n"
     "        next\n"
     "      }\n"
     "      let from = from_of(e)\n"
     "      let never_read = in_of(from)\n"
     "      marks_begin slot=0\n"
     "      marks_begin slot=3\n"
     "      for_each n row in out_of(from) {\n"
     "        if b_and(b_and(allowed(n), mark(n, slot=0)), b_not(marked(n, slot=3))) {\n"
     "          next\n"
     "        }\n"
     "        for_each n2 row2 in never_read {\n"
     "          if u_lt(3, n_marked(slot=0)) {\n"
     "            stop\n"
     "          }\n"
     "        }\n"
     "      }\n"
     "      if u_lt(1, size_of(out_of(from))) {\n"
     "        candidate from, to_of(e)\n"
     "      }\n"
     "    }\n"
     "  }\n"
     "}\n"},
    {"ring",
     "kir 1\n"
     "\n"
     "pattern \"ring of 3\" {\n"
     "  id \"00000000-0000-0000-0000-000000000002\"\n"
     "  version \"1.0.0\"\n"
     "  hash \"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"\n"
     "  currency same\n"
     "  within 86400\n"
     "  span 86400\n"
     "\n"
     "  role start kind=one\n"
     "  role via kind=chain size in number 1..5\n"
     "\n"
     "  stage \"the ring\" kind=walk from=%start to=%start chain=%via shown=0 closed=yes"
     " compares_hops=yes can_trigger=yes line=\"stage ring: start -> via{1..5} -> start\"\n"
     "\n"
     "  pair first=0 then=0 first_asked=yes then_asked=yes lo=1 hi=9223372036854775807"
     " by_time=yes // 0\n"
     "    cond fn=%along constraint=1\n"
     "\n"
     "  con kind=size text=\"via{1..5}\" scope=match shown in number 1..5 role=%via range in"
     " number 1..5 // 0\n"
     "  con kind=pair text=\"along ring: this before next\" scope=hops pair=0 cond=0 // 1\n"
     "\n"
     "  plan kind=trigger_major lo=-9223372036854775808 hi=9223372036854775807\n"
     "\n"
     "  fn pair along \"along ring: this before next\" {\n"
     "    return c_truth(i_lt(time_of(a), time_of(b)))\n"
     "  }\n"
     "}\n"},
    {"scatter_gather",
     "kir 1\n"
     "\n"
     "pattern scatter_gather {\n"
     "  id \"6f1c1a52-6c0e-4c39-9d53-0b7e6b1f0a11\"\n"
     "  version \"1.0.0\"\n"
     "  status \"stable\"\n"
     "  hash \"0000000000000000000000000000000000000000000000000000000000000000\"\n"
     "  source \"scatter_gather.aml\"\n"
     "  currency ignored\n"
     "  within 345600\n"
     "  span 345600\n"
     "  breakable yes\n"
     "  generate %generate\n"
     "\n"
     "  param window type=\"duration\" value=\"96h\" reason=\"covers every planted attempt of"
     " IBM AML HI-Small\"\n"
     "  param middlemen type=\"count\" value=\"3\" reason=\"two happen by chance between busy"
     " accounts\"\n"
     "  param kept type=\"range\" value=\"0.7~0.8..1.25~1.4\" reason=\"what a middleman"
     " passes on: 0.80 to 1.22 of it in HI-Small\"\n"
     "\n"
     "  role source kind=one\n"
     "  role mid kind=group size in number 3..\n"
     "  role sink kind=one\n"
     "\n"
     "  stage scatter kind=plain from=%source to=%mid shown=0 support_from=1 support_to=1"
     " line=\"stage scatter: source -> mid\"\n"
     "  stage gather kind=plain from=%mid to=%sink shown=1 can_trigger=yes support_from=1"
     " support_to=1 line=\"stage gather: mid -> sink\"\n"
     "\n"
     "  start role=%mid\n"
     "\n"
     "  pair role=%mid first=%scatter then=%gather first_asked=yes then_asked=yes lo=1"
     " hi=9223372036854775807 by_time=yes // 0\n"
     "    cond fn=%each_mid constraint=1\n"
     "\n"
     "  con kind=size text=\"mid[3..]\" scope=match shown in number 3.. role=%mid range in"
     " number 3.. // 0\n"
     "  con kind=pair text=\"each mid: scatter before gather\" scope=members pair=0 cond=0 //"
     " 1\n"
     "  con kind=each text=\"each mid: sum(gather.amount) / sum(scatter.amount) in kept\""
     " scope=members shown in number 0.7~0.8..1.25~1.4 role=%mid agg=%each_mid_2 // 2\n"
     "\n"
     "  title kind=role index=%source\n"
     "  title kind=text text=\" reached \"\n"
     "  title kind=role index=%sink\n"
     "  title kind=text text=\" through \"\n"
     "  title kind=value index=0\n"
     "  title kind=text text=\" accounts in \"\n"
     "  title kind=value index=1\n"
     "\n"
     "  title_value fn=%title\n"
     "  title_value fn=%title_2\n"
     "\n"
     "  feature n kind=histogram lo=2 hi=30 fn=%feature_n\n"
     "\n"
     "  plan kind=trigger_major lo=-9223372036854775808 hi=9223372036854775807\n"
     "\n"
     "  fn pair each_mid \"each mid: scatter before gather\" {\n"
     "    return c_truth(i_lt(time_of(a), time_of(b)))\n"
     "  }\n"
     "\n"
     "  fn agg each_mid_2 \"each mid: sum(gather.amount) / sum(scatter.amount) in kept\" {\n"
     "    cmp_begin trigger_time()\n"
     "    return c_select(cmp_settle(), c_in(n_div(n_agg(role, account, agg=sum,"
     " field=amount, stage=%gather), n_agg(role, account, agg=sum, field=amount,"
     " stage=%scatter)), in number 0.7~0.8..1.25~1.4, shown=number, symbol=none),"
     " c_cannot_say())\n"
     "  }\n"
     "\n"
     "  fn show title \"\" {\n"
     "    return show(n_members(role=%mid), shown=number)\n"
     "  }\n"
     "\n"
     "  fn show title_2 \"\" {\n"
     "    return show(n_span(), shown=duration)\n"
     "  }\n"
     "\n"
     "  fn show feature_n \"\" {\n"
     "    return show(n_members(role=%mid), shown=number)\n"
     "  }\n"
     "\n"
     "  fn generate generate \"candidates: the trigger, and an account for each single role\""
     " {\n"
     "    parallel e {\n"
     "      let from = from_of(e)\n"
     "      let to = to_of(e)\n"
     "      comment \"the trigger is in gather\"\n"
     "      if b_and(b_and(u_ne(from, to), allowed(from)), allowed(to)) {\n"
     "        let the_sink = to\n"
     "        if b_not(u_lt(size_of(in_of(the_sink)), 3)) {\n"
     "          comment \"mid needs at least 3 accounts\"\n"
     "          marks_begin slot=1\n"
     "          for_each m1 mrow1 in in_of(the_sink) {\n"
     "            if mark(m1, slot=1) {\n"
     "            }\n"
     "          }\n"
     "          if b_not(u_lt(n_marked(slot=1), 3)) {\n"
     "            marks_begin slot=0\n"
     "            for_each n1 row1 in in_of(from) {\n"
     "              if b_and(b_and(u_ne(n1, the_sink), u_ne(n1, from)), allowed(n1)) {\n"
     "                if mark(n1, slot=0) {\n"
     "                  let the_source = n1\n"
     "                  if b_not(u_lt(size_of(out_of(the_source)), 3)) {\n"
     "                    comment \"mid needs at least 3 accounts\"\n"
     "                    marks_begin slot=2\n"
     "                    for_each m2 mrow2 in out_of(the_source) {\n"
     "                      if b_and(marked(m2, slot=1), mark(m2, slot=2)) {\n"
     "                        if b_not(u_lt(n_marked(slot=2), 3)) {\n"
     "                          stop\n"
     "                        }\n"
     "                      }\n"
     "                    }\n"
     "                    if b_not(u_lt(n_marked(slot=2), 3)) {\n"
     "                      candidate the_source, the_sink\n"
     "                    }\n"
     "                  }\n"
     "                }\n"
     "              }\n"
     "            }\n"
     "          }\n"
     "        }\n"
     "      }\n"
     "    }\n"
     "  }\n"
     "}\n"},
};
const size_t n_kir_texts = sizeof kir_texts / sizeof *kir_texts;

const char *kir_text_of(const char *name)
{
  for (size_t i = 0; i < n_kir_texts; i++)
    if (strcmp(kir_texts[i].name, name) == 0) return kir_texts[i].text;
  return NULL;
}

void kir_bench_init(kir_bench *b, const cx_allocator *mem)
{
  *b = (kir_bench){.c = cx_new(mem, NULL)};
  if (!b->c) return;
  strbuf_init(&b->out, b->c);
  b->mem = arena_new(b->c, "test");
}

void kir_bench_release(kir_bench *b)
{
  if (!b->c) return;
  strbuf_release(&b->out);
  if (b->mem) arena_free(b->mem);
  cx_free(b->c);
}

bool kir_bench_read(kir_bench *b, const char *text, size_t n)
{
  uint32_t file = source_add(b->c, "t.kir", text, n);
  b->m = file == UINT32_MAX ? NULL : kir_parse(b->mem, b->c, file);
  if (!b->m) kir_bench_diags(b);
  return b->m != NULL;
}

kir_module *kir_bench_module(kir_bench *b, const char *name)
{
  const char *text = kir_text_of(name);
  if (!kir_bench_read(b, text, strlen(text))) ck_abort_msg("%s", strbuf_text(&b->out));
  return b->m;
}

const char *kir_bench_print(kir_bench *b)
{
  strbuf_clear(&b->out);
  kir_print(&b->out, b->m);
  return strbuf_text(&b->out);
}

const char *kir_bench_diags(kir_bench *b)
{
  strbuf_clear(&b->out);
  diag_render(b->c, &b->out, DIAG_TEXT, false);
  return strbuf_text(&b->out);
}

kir_fn *kir_fn_named(const kir_module *m, const char *name)
{
  for (uint32_t i = 0; i < m->fns.n; i++)
    if (strcmp(m->fns.at[i]->name, name) == 0) return m->fns.at[i];
  return NULL;
}

static kir_node *find_op(kir_node *n, kir_op op)
{
  if (!n || n->op == op) return n;
  for (uint32_t k = 0; k < n->n_args; k++) {
    kir_node *found = find_op(n->args[k], op);
    if (found) return found;
  }
  return NULL;
}

kir_node *kir_first(const kir_module *m, kir_op op)
{
  for (uint32_t i = 0; i < m->fns.n; i++) {
    kir_node *found = find_op(m->fns.at[i]->body, op);
    if (found) return found;
  }
  return NULL;
}
