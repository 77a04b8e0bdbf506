// amlc test: the `test` blocks of pattern files, run by an engine (episode mode, history complete).
#include "frontend/driver/engines.h"
#include "frontend/driver/test_block.h"
#include <string.h>

static void say_json(const test_outcome *t, const char *file, uint32_t line, bool first)
{
  printf("%s{\"file\":\"%s\",\"line\":%u,\"name\":\"%s\",\"pattern\":\"%s\",\"passed\":%s}",
         first ? "" : ",\n ", file, line, t->name, t->pattern, t->passed ? "true" : "false");
}

static void say_failed(const test_outcome *t, const char *file, uint32_t line)
{
  fprintf(stderr, "%s:%u: failed: test \"%s\" for %s\n%s", file, line, t->name, t->pattern, t->why);
}

// ---- engines ------------------------------------------------------------------------------------

typedef struct suite { // all tests, lowered, and the detector of all their
                       // patterns
  uint32_t n;
  gir_module **modules; // by test
  uint32_t *programs;   // by test; tests whose pattern and parameters are equal
                        // share one
  engines compiled;
  amlrt_detector *detector; // NULL: the reference engine
} suite;

static int lower_all(cli *c, suite *s)
{
  s->n = c->a->program->tests.n;
  s->modules = arena_try(c->mem, (s->n + 1) * sizeof *s->modules);
  s->programs = arena_try(c->mem, (s->n + 1) * sizeof *s->programs);
  for (uint32_t i = 0; s->modules && s->programs && i < s->n; i++) {
    s->modules[i] = test_block_lower(c, &c->a->program->tests.at[i]);
    if (diag_n_errors(c->a->c)) return cli_report(c);
    if (!s->modules[i] || !s->modules[i]->patterns.n) break;
  }
  if (cx_ok(c->a->c)) return EXIT_DONE;
  cli_error("out of memory");
  return EXIT_WORLD;
}

// One translation unit for all tests: the C compiler is what takes the time.
static int compile_all(cli *c, suite *s)
{
  VEC(kernel_input) in = {0};
  VEC(const char *) hashes = {0};
  for (uint32_t i = 0; i < s->n && cx_ok(c->a->c); i++) {
    kernel_input one = {s->modules[i], s->modules[i]->patterns.at[0]};
    const char *hash = kernel_hash(c->mem, one.pattern);
    uint32_t k = 0;
    while (k < hashes.n && strcmp(hashes.at[k], hash) != 0)
      k++;
    s->programs[i] = k;
    if (k < hashes.n) continue;
    VEC_PUSH(c->mem, &hashes, hash);
    VEC_PUSH(c->mem, &in, one);
  }
  int code = engines_compile(c, &s->compiled, in.at, in.n);
  if (code == EXIT_DONE) code = engines_load(c, &s->compiled, in.at, in.n);
  s->detector = engines_any(&s->compiled) ? engines_detector(&s->compiled) : NULL;
  return code;
}

// `auto` is jit where it is, else the reference: a test's table is tiny, and the reference is through
// with it before a C compiler has begun.
static int ready_engine(cli *c, suite *s)
{
  int code;
  engine_id asked = cli_engine_asked(c, &code);
  if (code != EXIT_DONE || asked == ENGINE_REFERENCE) return code;
  s->compiled.not_c = asked == ENGINE_AUTO;
  return engines_open(c, &s->compiled, asked);
}

// ---- the verb -----------------------------------------------------------------------------------

static int run_all(cli *c, suite *s)
{
  bool json = c->o.values[OPT_JSON] != NULL;
  uint32_t failed = 0;
  if (json) printf("[");
  for (uint32_t i = 0; i < s->n && !*c->interrupted; i++) {
    const sema_test *t = &c->a->program->tests.at[i];
    test_outcome o;
    int code = test_block_run(c, t, s->modules[i], s->detector, s->programs[i], &o);
    if (code != EXIT_DONE) return code;
    const char *file = source_get(c->a->c, t->file)->name;
    uint32_t line = source_line_col(c->a->c, t->file, t->stmt->span.start).line;
    failed += !o.passed;
    if (json)
      say_json(&o, file, line, i == 0);
    else if (!o.passed)
      say_failed(&o, file, line);
    else if (cli_verbose(c))
      fprintf(stderr, "%s:%u: passed: test \"%s\" for %s\n", file, line, o.name, o.pattern);
  }
  if (json) printf("]\n");
  if (*c->interrupted) return EXIT_CTRL_C;
  if (!json && !cli_quiet(c)) printf("%u passed, %u failed\n", s->n - failed, failed);
  return failed ? EXIT_FINDING : EXIT_DONE;
}

int verb_test(cli *c)
{
  suite s = {0};
  int code = cli_take_args(c, CLI_NO_DATA);
  if (code == EXIT_DONE) code = cli_add_patterns(c);
  if (code == EXIT_DONE) code = ready_engine(c, &s);
  if (code == EXIT_DONE) code = cli_compile(c);
  if (code == EXIT_DONE) code = lower_all(c, &s);
  if (code == EXIT_DONE && engines_any(&s.compiled) && s.n) code = compile_all(c, &s);
  if (code == EXIT_DONE) code = run_all(c, &s);
  engines_close(&s.compiled);
  return code;
}
