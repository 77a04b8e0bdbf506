// From text to tree: tokens, grammar, printer, formatter, and errors that are told and stepped over.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/ast.h"
#include "frontend/lexer.h"
#include "tests/unit/alloc_fail.h"

#define V "#!amlc 1\n"

static const char *const examples[] = {
    "bipartite", "cycle",        "dormant",     "fan_in",         "fan_out", "gather_scatter",
    "mule_herd", "pass_through", "random_walk", "scatter_gather", "stack",   "structuring",
};

typedef struct fixture {
  cx *c;
  arena *mem;
  ast_file *ast;
  strbuf out;
} fixture;

static void release(fixture *f)
{
  if (!f->c) return;
  strbuf_release(&f->out);
  arena_free(f->mem);
  cx_free(f->c);
}

static fixture parse_n(const char *text, size_t n, const cx_allocator *mem)
{
  fixture f = {.c = cx_new(mem, NULL)};
  if (!f.c) return f;
  strbuf_init(&f.out, f.c);
  f.mem = arena_new(f.c, "test");
  uint32_t file = source_add(f.c, "x.aml", text, n);
  if (f.mem && file != UINT32_MAX) f.ast = parse_source(f.mem, f.c, file);
  return f;
}

static fixture parse(const char *text)
{
  return parse_n(text, strlen(text), NULL);
}

static const char *diagnostics(fixture *f)
{
  strbuf_clear(&f->out);
  diag_render(f->c, &f->out, DIAG_TEXT, false);
  return strbuf_text(&f->out);
}

static const char *print(fixture *f)
{
  strbuf_clear(&f->out);
  ast_print(&f->out, f->ast);
  return strbuf_text(&f->out);
}

// Copies that outlive the fixture; freed by the caller.
static char *printed(const char *text)
{
  fixture f = parse(text);
  ck_assert_msg(diag_n_errors(f.c) == 0, "%s", diagnostics(&f));
  char *copy = strdup(print(&f));
  release(&f);
  return copy;
}

static char *formatted(const char *text)
{
  fixture f = parse(text);
  ck_assert_msg(diag_n_errors(f.c) == 0, "%s", diagnostics(&f));
  strbuf_clear(&f.out);
  fmt_source(&f.out, f.c, f.ast);
  char *copy = strdup(strbuf_text(&f.out));
  release(&f);
  return copy;
}

static char *read_example(const char *name)
{
  char path[1024], *text = calloc(1, 1 << 16);
  snprintf(path, sizeof path, "%s/tests/examples/%s.aml", AML_SOURCE_DIR, name);
  FILE *f = fopen(path, "rb");
  ck_assert_msg(f != NULL, "%s", path);
  size_t n = fread(text, 1, (1 << 16) - 1, f);
  ck_assert_uint_gt(n, 0);
  fclose(f);
  return text;
}

// ---- tokens -------------------------------------------------------------------------------------

static const struct {
  const char *text, *tokens; // each token's text, and `!` before one that is bad
} lexed_texts[] = {
    {"1..11", "1 .. 11"},
    {"1~5..", "1 ~ 5 .."},
    {"0.70*limit~0.80", "0.70 * limit ~ 0.80"},
    {"5%~10%..", "5% ~ 10% .."},
    {"96h 2d 30m 5s 1.5d", "96h 2d 30m 5s 1.5d"},
    {"9_900 USD", "9_900 USD"},
    {"a->b<-1", "a -> b < - 1"},
    {"a<=b>=c!=d", "a <= b >= c != d"},
    {"2022-09-01 00:20;", "2022-09-01 00:20 ;"},
    {"2022-09-01T00:20:05Z x", "2022-09-01T00:20:05Z x"},
    {"2022-09-01", "2022-09-01"},
    {"a // b\n/* c\n */ /// d\ne", "a e"},
    {"\"a\\\"b\" \"\\\\\"c", "\"a\\\"b\" \"\\\\\" c"},
    {"\"/* no */\"", "\"/* no */\""},
    {"a.b..c", "a . b .. c"},
    {"10USD", "!10USD"},
    {"1e6 0x1F 2022x", "!1e6 !0x1F !2022x"},
    {"1.2.3", "!1.2.3"},
    {".5", "!.5"},
    {"\"open\n;", "!\"open ;"},
    {"'x' ;", "!'x' ;"},
    {"z\xc3\xa4hler x", "!z\xc3\xa4hler x"},
    {"2022/09/01 00:20", "!2022/09/01 00:20"},
    {"2022-09-01 00:20+02:00", "!2022-09-01 00:20+02:00"},
    {"a $ b", "a b"},
    {"a /* b", "a"},
    {"", ""},
};

START_TEST(tokens)
{
  cx *c = cx_new(NULL, NULL);
  arena *mem = arena_new(c, "test");
  const char *text = lexed_texts[_i].text;
  uint32_t file = source_add(c, "x", text, strlen(text));
  lexed l = {0};
  strbuf out;

  strbuf_init(&out, c);
  lex_source(&l, mem, c, file, 0);
  for (uint32_t i = 0; i + 1 < l.tokens.n; i++) {
    size_t n;
    const char *at = token_text(c, l.tokens.at[i], &n);
    if (i) strbuf_putc(&out, ' ');
    if (l.tokens.at[i].flags & TOKEN_BAD) strbuf_putc(&out, '!');
    strbuf_add(&out, at, n);
  }
  ck_assert_str_eq(strbuf_text(&out), lexed_texts[_i].tokens);
  strbuf_release(&out);
  arena_free(mem);
  cx_free(c);
}
END_TEST

START_TEST(zero_byte_is_a_diagnostic)
{
  static const char text[] = V "pattern p {\n  within\0 5d;\n}\n";
  fixture f = parse_n(text, sizeof text - 1, NULL);

  ck_assert_uint_eq(diag_n_errors(f.c), 1);
  ck_assert_ptr_nonnull(strstr(diagnostics(&f), "x.aml:3:9: error: a zero byte"));
  ck_assert_uint_eq(f.ast->items.n, 0);
  release(&f);
}
END_TEST

// ---- grammar ------------------------------------------------------------------------------------

START_TEST(examples_parse)
{
  char *text = read_example(examples[_i]), *tree = printed(text);

  ck_assert_ptr_nonnull(strstr(tree, "  pattern "));
  ck_assert_ptr_nonnull(strstr(tree, "    meta\n"));
  ck_assert_ptr_nonnull(strstr(tree, "    doc "));
  free(tree);
  free(text);
}
END_TEST

// Words that are not reserved are names wherever a name stands.
START_TEST(words_are_names)
{
  static const char *const words[] = {
      "pattern", "profile", "test",  "import",   "const",    "param",   "meta",  "stage",
      "set",     "absent",  "each",  "along",    "require",  "trigger", "hubs",  "most",
      "least",   "all",     "same",  "ignoring", "currency", "may",     "equal", "alert",
      "feature", "any1",    "out",   "tx",       "with",     "expect",  "none",  "match",
      "matches", "over",    "first", "count",    "span",     "window",  "USD",
  };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    char text[2000];
    const char *w = words[i];
    snprintf(text, sizeof text,
             V "param %s : money = 3 USD;\npattern %s {\n  within %s;\n  param %s : count = %s;\n"
               "  stage %s: %s -> %s[3..] where %s = 1 and %s.%s in %s;\n  trigger %s;\n"
               "  set %s[1..] = %s & out(%s, at least %s) as %s;\n  each %s: %s before %s;\n"
               "  require %s(%s) > 3 * %s;\n  may equal %s, %s;\n  feature %s = %s;\n}\n"
               "test \"t\" for %s { tx %s -> %s at 1; expect 1 match with %s = %s; }\n",
             w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w,
             w, w, w, w);
    free(printed(text));
  }
}
END_TEST

#define P(body) V "pattern p {\n" body "}\n"

static const struct {
  const char *text, *tree; // part of the tree
} trees[] = {
    {P("  require a + b * -c - d / 2 > 3;\n"),
     "gt\n        sub\n          add\n            name a\n            mul\n              name b\n"
     "              neg\n                name c\n          div\n            name d\n"
     "            number 2\n        number 3\n"},
    {P("  require not a = b and c = d or e = f;\n"),
     "or\n        and\n          not\n            eq\n              name a\n              name "
     "b\n"},
    {P("  each m: a not after b;\n"), "not-after\n        name a\n        name b\n"},
    {P("  require a before b overlap ..20%~30%;\n"),
     "overlap\n        before\n          name a\n          name b\n        range\n"
     "          hi0 percent 0.2\n          hi1 percent 0.3\n"},
    {P("  require a in x*2~3..;\n"),
     "in\n        name a\n        range\n          lo0 mul\n            name x\n"
     "            number 2\n          lo1 number 3\n"},
    {P("  require a in b;\n"), "in\n        name a\n        name b\n"},
    {P("  require a in {\"x\", 3, 4 USD};\n"),
     "in-set\n        name a\n        text \"x\"\n        number 3\n        money 4 USD\n"},
    {P("  stage s: a -> via{2..8} -> b where x = 1 within 2h;\n"),
     "from role a\n      via chain via\n        range\n          lo1 number 2\n"
     "          hi0 number 8\n      to role b\n      within duration 7200\n      where eq\n"},
    {P("  stage s: any -> m[3];\n"),
     "from any\n      to group m\n        range\n          lo1 number 3\n          hi0 number 3\n"},
    {P("  stage s: L -> R support 2.., 3..;\n"),
     "support range\n        lo1 number 2\n      support range\n        lo1 number 3\n"},
    {P("  absent q: any -> h where x in 1.. before first(g) for 180d;\n"),
     "duration 15552000\n      where in\n        name x\n        range\n          lo1 number 1\n"
     "      before call first\n        name g\n"},
    {P("  set s[1..] = in(m) as t - m - out(c, all);\n"),
     "minus\n        minus\n          in m as t\n          role m\n        out c all\n"},
    {P("  set s[1..] = a & (out(G, at least 60% where x = 1) | b);\n"),
     "and\n        role a\n        or\n          out G\n            at least percent 0.6\n"
     "            where eq\n"},
    {P("  feature n = count by count(m) + 1 bins 2..30;\n"),
     "histogram n\n      add\n        call count\n          name m\n        number 1\n"
     "      bins range\n"},
    {P("  meta { id: \"x\"; tags: a.b, c; date: 2022-09-01; }\n"),
     "meta\n      id \"x\"\n      tags a.b c\n      date 2022-09-01\n"},
    {P("  alert \"{{ {a} \\u{20AC} \\\"b\\\" \\\\ \\n\";\n"),
     "alert\n      text \"{{ {a} \xe2\x82\xac \\\"b\\\" \\\\ \\n\"\n"},
    {P("  /// one\n  ///two\n  within 5d;\n"), "within\n      doc \"one\\ntwo\"\n"},
    {V "profile p within 24h { for from, to; over out, in; fan; sum(amount); }\n",
     "profile p\n    within duration 86400\n    for from to\n    over out in\n    statistic\n"
     "      name fan\n    statistic\n      call sum\n        name amount\n"},
    {V "test \"t\" for p { tx a -> \"0:1\" 5 USD at 1970-01-02 00:00:01 with x = -3; expect none;"
       " expect 2 matches with a = {b, c}, d = {}, degree in 0.5..; }\n",
     "test \"t\" \"p\"\n    tx\n      from \"a\"\n      to \"0:1\"\n      amount money 5 USD\n"
     "      at time 86401\n      with \"x\"\n        number -3\n    expect\n      matches 0\n"
     "    expect\n      matches 2\n      with set a \"b\" \"c\"\n      with set d\n"
     "      with degree\n        range\n          lo1 number 0.5\n"},
    {"\xef\xbb\xbf#!amlc 1 \r\nconst N = 9_900 USD;\r\n", "const N\n    money 9900 USD\n"},
    {V "import \"a.aml\";\nparam x : range = 0.7~0.8..1.2~1.4 in 0..2 \"why\";\n",
     "import \"a.aml\"\n  param x range\n    range\n      lo0 number 0.7\n"},
};

START_TEST(tree_is)
{
  char *tree = printed(trees[_i].text);
  ck_assert_msg(strstr(tree, trees[_i].tree) != NULL, "%s\nis not in\n%s", trees[_i].tree, tree);
  free(tree);
}
END_TEST

static const struct {
  const char *text;
  uint32_t start, end;
  const char *message; // NULL: it is a formula
} formulas[] = {
    {"0.7~0.8..1.2~1.4", 0, 16, NULL},
    {"{count(m) + 1}", 1, 13, NULL},
    {"96h", 0, 3, NULL},
    {"9_000 USD", 0, 9, NULL},
    {"\"ACH\"", 0, 5, NULL},
    {"{a b}", 1, 4, "x:1:4: error: "},
    {"{a +}", 1, 4, "x:1:5: error: something is missing at the end"},
    {"{}", 1, 1, "x:1:2: error: "},
    {"a $", 0, 3, "x:1:3: error: `$`"},
    {"a // b", 0, 6, NULL},
    {"12345", 0, 3, NULL},
};

START_TEST(formula_alone)
{
  fixture f = parse(V);
  uint32_t file = source_add(f.c, "x", formulas[_i].text, strlen(formulas[_i].text));
  ast_expr *e = parse_expr(f.mem, f.c, file, formulas[_i].start, formulas[_i].end);

  if (formulas[_i].message) {
    ck_assert_ptr_null(e);
    ck_assert_uint_eq(diag_n_errors(f.c), 1);
    ck_assert_msg(strstr(diagnostics(&f), formulas[_i].message) != NULL, "%s", diagnostics(&f));
  } else {
    ck_assert_msg(diag_n_errors(f.c) == 0, "%s", diagnostics(&f));
    ck_assert_int_ne(e->kind, AST_ERROR);
    ck_assert_uint_ge(e->span.start, formulas[_i].start);
    ck_assert_uint_le(e->span.end, formulas[_i].end);
  }
  release(&f);
}
END_TEST

// ---- formatter ----------------------------------------------------------------------------------

START_TEST(examples_format)
{
  char *text = read_example(examples[_i]);
  char *once = formatted(text), *twice = formatted(once);
  char *tree = printed(text), *tree_after = printed(once);

  ck_assert_str_eq(once, twice);
  ck_assert_str_eq(tree, tree_after);
  free(text);
  free(once);
  free(twice);
  free(tree);
  free(tree_after);
}
END_TEST

static const char *const layouts[][2] = {
    {V "\n\n\nconst  A=1 ;const BB = 2;// c\n", V "\nconst A  = 1;\nconst BB = 2;  // c\n"},
    {P("within 5d; // a\n// b\nstage s:a->b[ 3 .. ];stage long:b->c where x=1;\n\n\n\n"),
     V "\npattern p {\n  within 5d;  // a\n  // b\n  stage s:    a -> b[3..];\n"
       "  stage long: b -> c where x = 1;\n}\n"},
    {P("require a in 0.7 * x ~ 2 .. - 3;require -a<- 1-b;"),
     V "\npattern p {\n  require a in 0.7*x~2..-3;\n  require -a < -1 - b;\n}\n"},
    {P("set s[1..]=in( m )as t-m&( a|b );\n/// d\neach m: x in(1+2)..;"), NULL},
    {P("stage s: a -> b // why\nwhere x = 1;"),
     V "\npattern p {\n  stage s: a -> b  // why\n      where x = 1;\n}\n"},
    {V "/* a\n   b */\npattern p{}pattern q{}",
     V "\n/* a\n   b */\npattern p {\n}\n\npattern q {\n}\n"},
    {V "profile p within 1h{fan;sum( amount );\nratio;for from ;}",
     V "\nprofile p within 1h {\n  fan; sum(amount);\n  ratio;\n  for from;\n}\n"},
    {P("param a:count=3 in 1..2 \"x\";param long : range=1..;"),
     V "\npattern p {\n  param a    : count = 3 in 1..2  \"x\";\n  param long : range = 1..;\n}\n"},
    {V "// only a comment\n", V "\n// only a comment\n"},
    {V, V},
    {"#!amlc 1", V},
};

START_TEST(layout_is)
{
  bool mixed = layouts[_i][1] == NULL; // has an error and is not formatted
  fixture f = parse(layouts[_i][0]);

  ck_assert(mixed == (diag_n_errors(f.c) > 0));
  release(&f);
  if (mixed) return;
  char *once = formatted(layouts[_i][0]), *twice = formatted(once);
  ck_assert_str_eq(once, layouts[_i][1]);
  ck_assert_str_eq(once, twice);
  free(once);
  free(twice);
}
END_TEST

START_TEST(long_lines_are_broken)
{
  char *once =
      formatted(P("stage s: a -> b where format in {\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", "
                  "\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"} and amount > 1 within 2h;"));
  char *twice = formatted(once);

  ck_assert_str_eq(once, twice);
  for (const char *line = once, *end; (end = strchr(line, '\n')); line = end + 1)
    ck_assert_int_le(end - line, 100);
  free(once);
  free(twice);
}
END_TEST

// ---- errors -------------------------------------------------------------------------------------

// What is wrong, in order: "line:column message" of each error, and nothing else.
static const struct {
  const char *text;
  const char *errors[5];
} wrongs[] = {
    {"pattern p { }\n", {"1:1: error: the version line is missing"}},
    {"#!amlc 2\nfoo bar\n", {"1:8: error: this amlc reads language version 1, not `2`"}},
    {"#!amlc\n", {"1:1: error: the version line is missing"}},
    {"", {"1:1: error: the version line is missing"}},
    {V "pattern \xff {}", {"2:9: error: this byte (ff) is not UTF-8"}},
    {P("  within 5d\n  trigger a;\n"), {"3:12: error: a `;` is missing here"}},
    {P("  within 96 h;\n"), {"3:10: error: a duration is one word"}},
    {P("  require a == b && c != d;\n"),
     {"3:13: error: `==` is not a sign", "3:18: error: `&&` is not a sign"}},
    {P("  require a AND b;\n"), {"3:13: error: the word is written `and`"}},
    {P("  stage s: a b;\n"), {"3:13: error: `->` is missing here"}},
    {P("  stage s a -> b;\n"), {"3:10: error: `:` is missing here"}},
    {P("  stge s: a -> b;\n"), {"3:3: error: no statement begins with `stge`"}},
    {P("  stage for: a -> b;\n"), {"3:9: error: `for` is a word of the language"}},
    {P("  stage s: a -> b wher x = 1;\n"), {"3:19: error: `wher` means nothing here"}},
    {P("  set s[1..] = a & b | c;\n"), {"3:22: error: `&` and `|` are mixed"}},
    {P("  set s[1..] = (a & b) | c;\n"), {NULL}},
    {P("  set s[1..] = a - b - c;\n"), {NULL}},
    {P("  require (a > 3;\n  within 5d;\n"), {"3:17: error: `)` is missing here"}},
    {P("  require a in 5;\n"), {"3:16: error: `in` needs a range or a set"}},
    {P("  require a in [1, 2];\n"), {"3:16: error: a set of values stands in braces"}},
    {P("  require a in ..;\n"), {"3:16: error: a range without ends"}},
    {P("  alert foo;\n"), {"3:9: error: a text in quotes stands here"}},
    {P("  alert \"a\\q\";\n"), {"3:11: error: a text has no such escape"}},
    {P("  alert \"\\u{0}\";\n"), {"3:10: error: there is no such character"}},
    {P("  stage s: a -> any[3..];\n"), {"3:17: error: `any` has no size"}},
    {P("  stage s: a -> b where x = 1 where y = 2;\n"), {"3:31: error: a second `where`"}},
    {P("  feature f = sum by x bins 2..3;\n"), {"3:15: error: a histogram counts matches"}},
    {P("  require x > 99999999999999999999999999999999999999999;\n"),
     {"3:15: error: this number is too large"}},
    {V "pattern p {\n  within 5d;\n\npattern q {\n}\n", {"5:1: error: a `}` is missing before"}},
    {V "pattern p {\n  within 5d;\n", {"3:13: error: a `}` is missing at the end"}},
    {V "pattern p {\n  within 5", {"3:11: error: the file ends in the middle"}},
    {V "pattern p {\n  require a +", {"3:14: error: the file ends in the middle"}},
    {V "}\npattern p {\n}\n", {"2:1: error: this `}` closes nothing"}},
    {V "stage s: a -> b;\nconst A = 1;\n", {"2:1: error: `stage` stands in a pattern, not here"}},
    {P("  test \"t\" for p {\n    expect none;\n  }\n"),
     {"3:3: error: `test` cannot stand in these braces"}},
    {P("  meta { id: \"x\";\n  within 5d;\n"), {"4:3: error: a `}` is missing before `within`"}},
    {V "pattern \"p\" {\n}\n", {"2:9: error: a name stands here, not a text in quotes"}},
    {V "test \"t\" for p {\n  tx 1 -> b;\n  tx a -> b at 2022-02-30;\n  expect 1.5 match;\n}\n",
     {"3:6: error: an account is a name or a text", "4:16: error: there is no such day",
      "5:10: error: a number of matches is a whole number"}},
    // One mistake a statement, and all statements are looked at.
    {P("  stage s: a => => b c d;\n  hubs at 5;\n  foo bar baz;\n  require ;\n  within 5d;\n"),
     {"3:14: error: `=>` is not a sign", "3:17: error:", "4:11: error: `most` is expected here",
      "5:3: error: no statement begins with `foo`", "6:10: error: a value is missing"}},
    {P("  foo { a: b; c; }\n  within 5 d;\n"),
     {"3:3: error: no statement begins with `foo`", "4:10: error: a duration is one word"}},
};

START_TEST(errors_are)
{
  fixture f = parse(wrongs[_i].text);
  uint32_t n = 0;

  const char *text = diagnostics(&f);
  for (; n < 5 && wrongs[_i].errors[n]; n++) {
    const char *at = strstr(text, wrongs[_i].errors[n]);
    ck_assert_msg(at != NULL, "%s\nis not in\n%s", wrongs[_i].errors[n], text);
  }
  ck_assert_msg(diag_n_errors(f.c) == n, "%s", text);
  ck_assert_ptr_nonnull(f.ast);
  release(&f);
}
END_TEST

// A statement that is wrong is left out; those before and after it are in the tree.
START_TEST(the_rest_is_read)
{
  fixture f = parse(V "const A = 1;\nconst = = =;\npattern p {\n  within 5d;\n  stage 7 7 7;\n"
                      "  trigger t;\n}\n");
  ck_assert_uint_eq(diag_n_errors(f.c), 2);
  ck_assert_ptr_nonnull(
      strstr(print(&f), "const A\n    number 1\n  pattern p\n    within\n      duration 432000\n"
                        "    trigger t\n"));
  release(&f);
}
END_TEST

// ---- bounds -------------------------------------------------------------------------------------

static char *repeat(const char *before, const char *piece, size_t times, const char *after)
{
  size_t n = strlen(piece), at = strlen(before);
  char *text = malloc(at + n * times + strlen(after) + 1);

  memcpy(text, before, at);
  for (size_t i = 0; i < times; i++, at += n)
    memcpy(text + at, piece, n);
  memcpy(text + at, after, strlen(after) + 1);
  return text;
}

static const struct {
  const char *before, *piece;
  size_t times;
  const char *after;
  bool too_deep;
} deep[] = {
    {"(", "(", 150, "a", false},
    {"", "(", 100000, "a", true},
    {"a", " + a", 150, "", false},
    {"a", " + a", 100000, "", true},
    {"", "-", 150, "a", false},
    {"", "-", 100000, "a", true},
    {"", "not ", 100000, "a", true},
    {"", "f(", 100000, "a", true},
    {"a ", "and a ", 100000, "", true},
    {"a in ", "(", 100000, "a", true},
    {"a in {1", ", 1", 100000, "}", false},
    {"f(a", ", a", 50000, ")", false},
};

START_TEST(nesting_is_bounded)
{
  char *start = repeat(V "pattern p {\n  require ", deep[_i].before, 1, "");
  char *text = repeat(start, deep[_i].piece, deep[_i].times, deep[_i].after);
  char *close =
      repeat(text, ")", strcmp(deep[_i].piece, "(") == 0 && !deep[_i].too_deep ? 151 : 0, ";\n}\n");
  fixture f = parse(close);

  if (deep[_i].too_deep) {
    ck_assert_uint_eq(diag_n_errors(f.c), 1);
    ck_assert_ptr_nonnull(strstr(diagnostics(&f), "[limit]"));
  } else {
    ck_assert_msg(diag_n_errors(f.c) == 0, "%s", diagnostics(&f));
    print(&f);
    fmt_source(&f.out, f.c, f.ast);
  }
  release(&f);
  free(close);
  free(text);
  free(start);
}
END_TEST

START_TEST(sets_are_bounded)
{
  char *row = repeat(V "pattern p {\n  set s[1..] = a", " & a", 50000, ";\n}\n");
  char *parens = repeat(V "pattern p {\n  set s[1..] = ", "(", 50000, "a;\n}\n");
  fixture f = parse(row), g = parse(parens);

  ck_assert_uint_eq(diag_n_errors(f.c), 1);
  ck_assert_uint_eq(diag_n_errors(g.c), 1);
  release(&f);
  release(&g);
  free(row);
  free(parens);
}
END_TEST

START_TEST(size_is_bounded)
{
  char *text = repeat(V, "// a comment of some length\n", 40000, "");
  fixture f = parse(text);

  ck_assert_uint_eq(diag_n_errors(f.c), 1);
  ck_assert_ptr_nonnull(strstr(diagnostics(&f), "[limit]"));
  release(&f);
  free(text);
}
END_TEST

START_TEST(errors_are_bounded)
{
  char *text = repeat(V "pattern p {\n", "  foo $ bar;\n", 20000, "}\n");
  fixture f = parse(text);

  ck_assert_uint_eq(diag_n_errors(f.c), cx_get_limits(f.c)->max_errors);
  ck_assert(diag_stop(f.c));
  release(&f);
  free(text);
}
END_TEST

// ---- without memory -----------------------------------------------------------------------------

static bool brutal_turn(const char *text, uint64_t n)
{
  alloc_fail fail;
  alloc_fail_init(&fail, n);
  cx_allocator mem = alloc_fail_cx(&fail);
  fixture f = parse_n(text, strlen(text), &mem);

  if (f.c && f.ast) {
    print(&f);
    if (diag_n_errors(f.c) == 0 && cx_ok(f.c)) fmt_source(&f.out, f.c, f.ast);
    diagnostics(&f);
  }
  if (f.c) ck_assert(cx_ok(f.c) == !alloc_fail_hit(&fail));
  release(&f);
  alloc_fail_check(&fail);
  return alloc_fail_hit(&fail);
}

START_TEST(every_allocation_fails_once)
{
  char *text = read_example("scatter_gather");
  char *long_text = repeat(text, "\n/// Again.\nconst A = 3 + 4;", 2000, "\n");
  uint64_t n = 0;

  while (brutal_turn(text, n))
    n++;
  ck_assert_uint_gt(n, 10);
  for (n = 0; brutal_turn(long_text, n); n++)
    ;
  for (n = 0; brutal_turn(P("  foo;\n  require (a;\n  set s = a & b | c;\n  alert 'x';\n"), n); n++)
    ;
  free(long_text);
  free(text);
}
END_TEST

static void add_grammar(Suite *s)
{
  TCase *t = tcase_create("grammar");
  int n_examples = sizeof examples / sizeof *examples;

  tcase_add_loop_test(t, tokens, 0, sizeof lexed_texts / sizeof *lexed_texts);
  tcase_add_test(t, zero_byte_is_a_diagnostic);
  tcase_add_loop_test(t, examples_parse, 0, n_examples);
  tcase_add_test(t, words_are_names);
  tcase_add_loop_test(t, tree_is, 0, sizeof trees / sizeof *trees);
  tcase_add_loop_test(t, formula_alone, 0, sizeof formulas / sizeof *formulas);
  tcase_add_loop_test(t, examples_format, 0, n_examples);
  tcase_add_loop_test(t, layout_is, 0, sizeof layouts / sizeof *layouts);
  tcase_add_test(t, long_lines_are_broken);
  suite_add_tcase(s, t);
}

Suite *make_front_suite(void)
{
  Suite *s = suite_create("front");
  TCase *t = tcase_create("errors"), *bounds = tcase_create("bounds");

  add_grammar(s);
  tcase_add_loop_test(t, errors_are, 0, sizeof wrongs / sizeof *wrongs);
  tcase_add_test(t, the_rest_is_read);
  suite_add_tcase(s, t);
  tcase_set_timeout(bounds, 60);
  tcase_add_loop_test(bounds, nesting_is_bounded, 0, sizeof deep / sizeof *deep);
  tcase_add_test(bounds, sets_are_bounded);
  tcase_add_test(bounds, size_is_bounded);
  tcase_add_test(bounds, errors_are_bounded);
  tcase_add_test(bounds, every_allocation_fails_once);
  suite_add_tcase(s, bounds);
  return s;
}
