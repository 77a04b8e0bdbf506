// The amlc command: parses the command line, runs a verb, exits with its code.
#include "frontend/driver/cli.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The one thing that cannot hang off a context: what a signal handler may touch.
static volatile sig_atomic_t interrupted;

// The first signal asks; the second does not wait.
static void on_signal(int number)
{
  if (interrupted) _exit(EXIT_CTRL_C);
  (void)number;
  interrupted = 1;
}

static void watch_signals(void)
{
  struct sigaction sa = {.sa_handler = on_signal};
  sigemptyset(&sa.sa_mask);
  sigaction(SIGINT, &sa, NULL);
  sigaction(SIGTERM, &sa, NULL);
  signal(SIGPIPE, SIG_IGN); // a closed pipe is an error of the write, which is reported
}

typedef int (*verb_fn)(cli *c);

static const verb_fn verb_table[VERB_N] = {
    [VERB_CHECK] = verb_check, [VERB_RUN] = verb_run,         [VERB_FEATURES] = verb_features,
    [VERB_WHY] = verb_why,     [VERB_COMPILE] = verb_compile, [VERB_EXPLAIN] = verb_explain,
    [VERB_TEST] = verb_test,   [VERB_FMT] = verb_fmt,         [VERB_LIST] = verb_list,
    [VERB_HELP] = verb_help,
};

static const char *path_of_program(arena *mem)
{
  char path[4096];
  ssize_t n = readlink("/proc/self/exe", path, sizeof path);
  return n > 0 ? arena_text(mem, path, (size_t)n) : "";
}

static int dispatch(cli *c, options_outcome what)
{
  switch (what) {
  case OPTIONS_OK:
    return verb_table[c->o.verb](c);
  case OPTIONS_SHOW_HELP:
    cli_help(stdout, c, c->argc > 2);
    return EXIT_DONE;
  case OPTIONS_SHOW_VERSION:
    cli_version(stdout);
    return EXIT_DONE;
  case OPTIONS_USAGE:
    return EXIT_USAGE;
  }
  AML_BUG("outcome %d", (int)what);
}

// What could not be written to standard output is a failure, whatever the verb thought; one that the
// verb has told of is not told again.
static int flush(int code)
{
  bool failed = ferror(stdout) != 0;
  bool closed = fclose(stdout) == 0;
  if ((closed && !failed) || code == EXIT_WORLD) return code;
  cli_error("cannot write standard output%s%s", closed ? "" : ": ", closed ? "" : strerror(errno));
  return EXIT_WORLD;
}

int main(int argc, char **argv)
{
  cli c = {.interrupted = &interrupted, .argc = argc, .argv = argv};
  if (amlc_new(&c.a, NULL) < 0) {
    cli_error("out of memory");
    exit(EXIT_WORLD);
  }
  c.mem = c.a->mem;
  c.exe = path_of_program(c.mem);
  watch_signals();
  int code = dispatch(&c, options_parse(&c.o, c.mem, argc, argv));
  amlc_free(c.a);
  exit(flush(code));
}
