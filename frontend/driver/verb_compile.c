// amlc compile: patterns in, a form of them out.
#include "frontend/driver/engine_c.h"
#include "frontend/driver/jit_write.h"
#include "aml_build_id.h"
#include "amlrt/match.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { FORM_GIR, FORM_AST, FORM_KIR, FORM_C, FORM_LLVM, FORM_OBJ, FORM_SO, FORM_EXE };

// ---- the main of a program ----------------------------------------------------------------------

// A text as a C string: what is not plain goes in as octal.
static void c_string(strbuf *b, const char *text)
{
  strbuf_putc(b, '"');
  for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
    if (*p == '"' || *p == '\\' || *p == '?')
      strbuf_printf(b, "\\%c", *p);
    else if (*p < 0x20 || *p > 0x7e)
      strbuf_printf(b, "\\%03o", *p);
    else
      strbuf_putc(b, (char)*p);
  }
  strbuf_putc(b, '"');
}

static const char *base_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static void add_sources(cli *c, strbuf *b)
{
  uint32_t n = amlc_n_patterns(c->a);
  strbuf_puts(b, "\n// ==== the program ====\n\n#include \"amlrt/main.h\"\n\n"
                 "static const char *const amlrt_main_files[] = {");
  for (uint32_t i = 0; i < n; i++) {
    strbuf_puts(b, i ? ", " : "");
    c_string(b, base_name(amlc_pattern_source(c->a, i)->name));
  }
  strbuf_puts(b, "};\nstatic const char *const amlrt_main_sha256[] = {");
  for (uint32_t i = 0; i < n; i++) {
    const source *src = amlc_pattern_source(c->a, i);
    uint8_t sum[32];
    amlrt_sha256(sum, src->text, src->n);
    strbuf_puts(b, i ? ",\n                                          \"" : "\"");
    for (int k = 0; k < 32; k++)
      strbuf_printf(b, "%02x", sum[k]);
    strbuf_putc(b, '"');
  }
  strbuf_puts(b, "};\n");
}

static void add_main(cli *c, strbuf *b)
{
  add_sources(c, b);
  strbuf_printf(b,
                "\nint main(int argc, char **argv)\n{\n"
                "  static const amlrt_main_info info = {\n"
                "      \"%s\", \"%s\", amlrt_main_files, amlrt_main_sha256};\n"
                "  return amlrt_detector_main(amlrt_detector_get(), &info, argc, argv);\n}\n",
                AMLC_VERSION, AMLC_BUILD_ID);
}

// ---- text forms ---------------------------------------------------------------------------------

static int write_gir(cli *c, const kernel *k)
{
  strbuf *b = &c->a->text;
  strbuf_clear(b);
  for (uint32_t i = 0; i < k->units.n; i++) {
    if (i) strbuf_putc(b, '\n');
    gir_print(b, k->units.at[i]->gir_all);
  }
  return cli_write_text(c, strbuf_text(b));
}

static int write_kir(cli *c, const kernel *k)
{
  strbuf *b = &c->a->text;
  strbuf_clear(b);
  for (uint32_t i = 0; i < k->units.n; i++) {
    if (i) strbuf_putc(b, '\n');
    kir_print(b, k->units.at[i]->kir);
  }
  return cli_write_text(c, strbuf_text(b));
}

// ---- what the C compiler makes ------------------------------------------------------------------

static unsigned allowed_mode(unsigned mode)
{
  mode_t mask = umask(0);
  umask(mask);
  return mode & ~(unsigned)mask;
}

static int build(cli *c, native *n, int form, const strbuf *text, const char *to)
{
  static const native_kind kinds[] = {
      [FORM_OBJ] = NATIVE_OBJ, [FORM_SO] = NATIVE_SO, [FORM_EXE] = NATIVE_EXE};
  const char *made;
  native_opts o = {
      .mem = c->mem, .cc = c->o.values[OPT_CC], .exe = c->exe, .stop = cli_stop, .user = c};
  double t0 = cli_clock();
  native_status st = native_open(n, &o);
  if (st == NATIVE_DONE) st = native_build(n, kinds[form], strbuf_text(text), text->n, &made);
  if (st != NATIVE_DONE) return engine_c_fail(c, n, st);
  if (cli_verbose(c)) fprintf(stderr, "%s: %.2f s\n", n->cc.at[0], cli_clock() - t0);
  if (*c->interrupted) return EXIT_CTRL_C;
  if (native_install(c->mem, made, to, allowed_mode(form == FORM_OBJ ? 0666 : 0777)))
    return EXIT_DONE;
  cli_error("cannot write %s: %s", to, strerror(errno));
  return EXIT_WORLD;
}

static int write_built(cli *c, int form, strbuf *text)
{
  static const char *const forms[] = {[FORM_OBJ] = "obj", [FORM_SO] = "so", [FORM_EXE] = "exe"};
  const char *to = c->o.values[OPT_OUTPUT];
  native n = {0};
  if (!to || !strcmp(to, "-")) {
    cli_error("--emit=%s: say where to with -o FILE", forms[form]);
    return EXIT_USAGE;
  }
  if (form == FORM_EXE) add_main(c, text);
  int code = cx_ok(c->a->c) ? build(c, &n, form, text, to) : EXIT_WORLD;
  if (!cx_ok(c->a->c)) cli_error("out of memory");
  native_close(&n);
  return code;
}

static int write_code(cli *c, int form, kernel *k)
{
  strbuf text;
  strbuf_init(&text, c->a->c);
  kernel_text(k, &text);
  int code = form == FORM_C ? cli_write_text(c, strbuf_text(&text)) : write_built(c, form, &text);
  strbuf_release(&text);
  return code;
}

// ---- the verb -----------------------------------------------------------------------------------

static bool asks_for_passes(const cli *c)
{
  static const opt_id ids[] = {OPT_DISABLE, OPT_ONLY, OPT_STOP_AFTER, OPT_DUMP_AFTER, OPT_DUMP_DIR};
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
    if (c->o.values[ids[i]]) return true;
  return false;
}

static int compile_on(cli *c, int form)
{
  pass_opts o;
  kernel k;
  int code = kernel_options(c, &o);
  if (code == EXIT_DONE && form != FORM_GIR) code = kernel_options_reach_code(&o);
  if (code == EXIT_DONE) code = kernel_make_all(c, &k, &o);
  if (code != EXIT_DONE) return code;
  if (form == FORM_GIR)
    code = write_gir(c, &k);
  else if (form == FORM_KIR)
    code = write_kir(c, &k);
  else if (form == FORM_LLVM || (form == FORM_OBJ && jit_writes_objects(c)))
    code = jit_write(c, &k, form == FORM_LLVM);
  else
    code = write_code(c, form, &k);
  kernel_say_times(c, &k);
  return code;
}

int verb_compile(cli *c)
{
  static const char *const forms[] = {[FORM_GIR] = "gir", [FORM_AST] = "ast",   [FORM_KIR] = "kir",
                                      [FORM_C] = "c",     [FORM_LLVM] = "llvm", [FORM_OBJ] = "obj",
                                      [FORM_SO] = "so",   [FORM_EXE] = "exe",   NULL};
  int form = options_choice(&c->o, OPT_EMIT, forms);
  if (form < 0) return EXIT_USAGE;
  int code = cli_take_args(c, CLI_NO_DATA);
  if (code == EXIT_DONE) code = cli_add_patterns(c);
  if (code != EXIT_DONE) return code;
  if (form == FORM_AST)
    (void)amlc_parse(c->a);
  else if ((code = cli_compile(c)) != EXIT_DONE)
    return code;
  if (form == FORM_AST || (form == FORM_GIR && !asks_for_passes(c))) {
    const char *text = amlc_emit(c->a, form == FORM_AST ? AMLC_EMIT_AST : AMLC_EMIT_GIR);
    return cli_write_text(c, text ? text : "");
  }
  if (amlc_n_patterns(c->a)) return compile_on(c, form);
  cli_error("the files hold no pattern");
  return EXIT_USAGE;
}
