#include "frontend/driver/run_program.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static bool is_program(const char *path)
{
  struct stat st;
  return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

const char *run_find(arena *mem, const char *name)
{
  const char *path = getenv("PATH");
  if (!*name) return NULL;
  if (strchr(name, '/')) return is_program(name) ? name : NULL;
  while (path && *path) {
    size_t n = strcspn(path, ":");
    // An empty entry means the current folder to a shell; a compiler is not looked for there.
    const char *file = n ? arena_printf(mem, "%.*s/%s", (int)n, path, name) : "";
    if (is_program(file)) return file;
    path += n + (path[n] == ':');
  }
  return NULL;
}

// The environment with LC_ALL=C; NULL without memory.
static char **english_environment(void)
{
  static char english[] = "LC_ALL=C";
  size_t n = 0, k = 0;
  while (environ[n])
    n++;
  char **env = malloc((n + 2) * sizeof *env);
  if (!env) return NULL;
  for (size_t i = 0; i < n; i++)
    if (strncmp(environ[i], "LC_ALL=", 7) != 0) env[k++] = environ[i];
  env[k++] = english;
  env[k] = NULL;
  return env;
}

static int spawn(pid_t *child, const char *const *argv, const char *folder, int out)
{
  posix_spawn_file_actions_t acts;
  posix_spawnattr_t attr;
  sigset_t defaults;
  char **env = english_environment();
  int failed = env ? 0 : ENOMEM;
  if (failed) return failed;
  if ((failed = posix_spawn_file_actions_init(&acts)) != 0) goto no_acts;
  if ((failed = posix_spawnattr_init(&attr)) != 0) goto no_attr;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE); // we ignore it; the program shall not
  posix_spawnattr_setsigdefault(&attr, &defaults);
  posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
  failed = posix_spawn_file_actions_addopen(&acts, 0, "/dev/null", O_RDONLY, 0);
  if (!failed) failed = posix_spawn_file_actions_adddup2(&acts, out, 1);
  if (!failed) failed = posix_spawn_file_actions_adddup2(&acts, out, 2);
  if (!failed && folder) failed = posix_spawn_file_actions_addchdir_np(&acts, folder);
  // posix_spawn takes pointers to char that it does not write through.
  char *const *words = (char *const *)(uintptr_t)argv;
  if (!failed) failed = posix_spawn(child, argv[0], &acts, &attr, words, env);
  posix_spawnattr_destroy(&attr);
no_attr:
  posix_spawn_file_actions_destroy(&acts);
no_acts:
  free(env);
  return failed;
}

// Reads what the program says until it says no more. False: it was to be stopped.
static bool collect(int from, strbuf *said, bool (*stop)(void *user), void *user)
{
  enum { ASK_MS = 50 };
  for (;;) {
    struct pollfd p = {.fd = from, .events = POLLIN};
    char block[4096];
    if (stop && stop(user)) return false;
    if (poll(&p, 1, ASK_MS) <= 0) continue; // time to ask again, or a signal
    ssize_t n = read(from, block, sizeof block);
    if (n == 0 || (n < 0 && errno != EINTR)) return true;
    if (n > 0) strbuf_add(said, block, (size_t)n);
  }
}

run_outcome run_program(const char *const *argv, const char *folder, strbuf *said, int *code,
                        bool (*stop)(void *user), void *user)
{
  int ends[2], status = 0;
  pid_t child, got;
  if (pipe2(ends, O_CLOEXEC) < 0) return RUN_CANNOT;
  int failed = spawn(&child, argv, folder, ends[1]);
  close(ends[1]);
  if (failed) {
    close(ends[0]);
    errno = failed;
    return RUN_CANNOT;
  }
  bool went = collect(ends[0], said, stop, user);
  close(ends[0]);
  if (!went) kill(child, SIGTERM);
  do
    got = waitpid(child, &status, 0);
  while (got < 0 && errno == EINTR);
  if (!went) return RUN_STOPPED;
  if (WIFSIGNALED(status)) {
    *code = WTERMSIG(status);
    return RUN_KILLED;
  }
  *code = WEXITSTATUS(status);
  return RUN_EXITED;
}
