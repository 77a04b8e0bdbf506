// amlc help: verbs, options and codes of diagnostics; the manual page and shell completion, all from
// the tables.
#include "frontend/driver/cli.h"
#include "aml_build_id.h"
#include "ir/base/map.h"
#include "passes/pass.h"
#include <string.h>

// ---- codes --------------------------------------------------------------------------------------

static bool help_code(const char *code)
{
  for (int i = 0; i < DIAG_N_CODES; i++) {
    if (strcmp(diag_codes[i].code, code) != 0) continue;
    printf("%s (%s)\n\n%s\n", code, diag_codes[i].severity == DIAG_SEV_ERROR ? "error" : "warning",
           diag_codes[i].help);
    return true;
  }
  return false;
}

static void help_passes(void)
{
  static const char *const levels[] = {"graph IR", "lowering", "kernel IR"};
  puts("The passes of a compilation, in their order (for --dump-after, --stop-after, --only, "
       "--disable):\n");
  for (uint32_t i = 0; i < n_passes; i++)
    printf("  %-14s %-9s  %s\n", passes[i].cli, levels[passes[i].level], passes[i].help);
  puts("\nTricks of the runtime that a run can leave out, to see what they are worth "
       "(--disable):\n");
  for (uint32_t i = 0; i < AMLRT_N_TRICKS; i++) {
    const amlrt_trick_info *t = amlrt_trick_of((amlrt_trick)i);
    printf("  %-14s %-9s  %s\n", t->name, "", t->help);
  }
}

static int unknown_topic(const char *word)
{
  const char *names[(size_t)VERB_N + (size_t)DIAG_N_CODES + 1];
  size_t n = 0;
  names[n++] = "passes";
  for (int i = 0; i < VERB_N; i++)
    names[n++] = verbs[i].name;
  for (int i = 0; i < DIAG_N_CODES; i++)
    names[n++] = diag_codes[i].code;
  const char *near = nearest_word(word, names, n);
  if (near)
    cli_error("no help on `%s`; did you mean `%s`?", word, near);
  else
    cli_error("no help on `%s`; it is no verb and no code of a diagnostic", word);
  return EXIT_USAGE;
}

// ---- the manual page ----------------------------------------------------------------------------

// Text for troff: backslashes and dashes escaped, no line begins with a dot.
static void troff(const char *text)
{
  for (const char *p = text; *p; p++) {
    if (*p == '\\')
      fputs("\\e", stdout);
    else if (*p == '-')
      fputs("\\-", stdout);
    else if (p == text && (*p == '.' || *p == '\''))
      printf("\\&%c", *p);
    else
      putchar(*p);
  }
}

static void man_option(const opt_info *o)
{
  fputs(".TP\n.B ", stdout);
  if (o->letter) printf("\\-%c, ", o->letter);
  fputs("\\-\\-", stdout);
  troff(o->name);
  if (o->arg[0]) {
    fputs(" \\fI", stdout);
    troff(o->arg);
    fputs("\\fR", stdout);
  }
  putchar('\n');
  troff(o->help);
  putchar('\n');
}

static void man_page(void)
{
  static const struct {
    int number;
    const char *words;
  } codes[] = {
#define AMLRT_EXIT(id, number, words) {number, words},
#include "amlrt/exit.def"
  };
  printf(".TH AMLC 1 \"\" \"amlc %s\" \"User Commands\"\n.SH NAME\namlc \\- compile "
         "money\\-laundering patterns and run them over transactions\n.SH SYNOPSIS\n.B amlc\n"
         ".I VERB\n[options] ...\n.SH VERBS\n",
         AMLC_VERSION);
  for (int i = 0; i < VERB_N; i++) {
    printf(".TP\n.B %s %s\n", verbs[i].name, verbs[i].args);
    troff(verbs[i].line);
    fputs(".\n", stdout);
    troff(verbs[i].more);
    putchar('\n');
  }
  fputs(".SH OPTIONS\n", stdout);
  for (int i = 0; i < OPT_N; i++)
    man_option(&opt_table[i]);
  fputs(".SH EXIT STATUS\n", stdout);
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    printf(".TP\n.B %d\n", codes[i].number);
    troff(codes[i].words);
    putchar('\n');
  }
  fputs(".SH ENVIRONMENT\n.TP\n.B AMLC_PATTERNS\nfolder of the pattern library\n"
        ".TP\n.B AMLC_CACHE\nfolder of compiled detectors; off: none are kept\n"
        ".TP\n.B AMLC_INCLUDE\nfolder of libamlrt's headers\n"
        ".TP\n.B AMLC_JIT\nanother libamlc-jit.so; off: engine jit is not used\n"
        ".TP\n.B AMLC_PERF\n1: names of compiled code for perf, in /tmp/perf-PID.map\n"
        ".TP\n.B CC\nthe C compiler of engine c\n"
        ".TP\n.B NO_COLOR\nwhen set, no colour\n",
        stdout);
}

// ---- completion ---------------------------------------------------------------------------------

static void verb_words(void)
{
  for (int i = 0; i < VERB_N; i++)
    printf("%s%s", i ? " " : "", verbs[i].name);
}

static void option_words(int verb)
{
  bool first = true;
  for (int i = 0; i < OPT_N; i++) {
    if (!(opt_table[i].verb_bits >> verb & 1)) continue;
    printf("%s--%s", first ? "" : " ", opt_table[i].name);
    first = false;
  }
}

static void completion_bash(void)
{
  fputs(
      "_amlc() {\n  local cur=${COMP_WORDS[COMP_CWORD]} words\n  if [ \"$COMP_CWORD\" = 1 ]; then "
      "words=\"",
      stdout);
  verb_words();
  fputs("\"\n  else\n    case ${COMP_WORDS[1]} in\n", stdout);
  for (int i = 0; i < VERB_N; i++) {
    printf("      %s) words=\"", verbs[i].name);
    option_words(i);
    fputs("\" ;;\n", stdout);
  }
  fputs("    esac\n    [[ $cur == -* ]] || words=\n  fi\n"
        "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n}\n"
        "complete -o default -F _amlc amlc\n",
        stdout);
}

static void completion_zsh(void)
{
  fputs("#compdef amlc\nlocal -a verbs\nverbs=(", stdout);
  for (int i = 0; i < VERB_N; i++)
    printf("\n  '%s:%s'", verbs[i].name, verbs[i].line);
  fputs(")\nif (( CURRENT == 2 )); then _describe verb verbs; return; fi\ncase $words[2] in\n",
        stdout);
  for (int i = 0; i < VERB_N; i++) {
    printf("  %s) [[ $PREFIX == -* ]] && compadd -- ", verbs[i].name);
    option_words(i);
    fputs(" || _files ;;\n", stdout);
  }
  fputs("esac\n", stdout);
}

static void completion_fish(void)
{
  for (int i = 0; i < VERB_N; i++)
    printf("complete -c amlc -n __fish_use_subcommand -f -a %s -d \"%s\"\n", verbs[i].name,
           verbs[i].line);
  for (int v = 0; v < VERB_N; v++)
    for (int i = 0; i < OPT_N; i++)
      if (opt_table[i].verb_bits >> v & 1)
        printf("complete -c amlc -n \"__fish_seen_subcommand_from %s\" -l %s%s\n", verbs[v].name,
               opt_table[i].name, opt_table[i].arg[0] ? " -r" : "");
}

int verb_help(cli *c)
{
  static const char *const shells[] = {"bash", "zsh", "fish", NULL};
  if (c->o.values[OPT_MAN]) {
    man_page();
    return EXIT_DONE;
  }
  if (c->o.values[OPT_COMPLETION]) {
    int shell = options_choice(&c->o, OPT_COMPLETION, shells);
    if (shell < 0) return EXIT_USAGE;
    if (shell == 0) completion_bash();
    if (shell == 1) completion_zsh();
    if (shell == 2) completion_fish();
    return EXIT_DONE;
  }
  if (c->o.args.n == 0) {
    cli_help(stdout, c, false);
    return EXIT_DONE;
  }
  const char *topic = c->o.args.at[0];
  for (int i = 0; i < VERB_N; i++)
    if (!strcmp(verbs[i].name, topic)) {
      c->o.verb = (verb_id)i;
      cli_help(stdout, c, true);
      return EXIT_DONE;
    }
  if (!strcmp(topic, "passes")) {
    help_passes();
    return EXIT_DONE;
  }
  return help_code(topic) ? EXIT_DONE : unknown_topic(topic);
}
