#include "frontend/driver/jit_seen.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// ---- perf -----------------------------------------------------------------------------------------

void jit_seen_by_perf(const void *at, uint64_t bytes, const char *name)
{
  char path[64], line[512];
  const char *on = getenv("AMLC_PERF");
  if (!on || strcmp(on, "1") != 0) return;
  snprintf(path, sizeof path, "/tmp/perf-%ld.map", (long)getpid());
  // Anyone may write to /tmp: a link that stands there already is not followed.
  int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return;
  int n = snprintf(line, sizeof line, "%llx %llx %.400s\n", (unsigned long long)(uintptr_t)at,
                   (unsigned long long)bytes, name);
  if (write(fd, line, (size_t)n) < 0) (void)n; // a profile that lacks a name is still one
  close(fd);
}

// ---- gdb ------------------------------------------------------------------------------------------
// Its JIT interface: gdb knows these names and layouts, and stops in the function whenever it is called.

enum { NO_ACTION, REGISTER, UNREGISTER };

struct jit_seen {
  struct jit_seen *next, *prev;
  const char *object;
  uint64_t bytes;
};

typedef struct descriptor {
  uint32_t version, action;
  struct jit_seen *relevant, *first;
} descriptor;

void __jit_debug_register_code(void);
extern descriptor __jit_debug_descriptor;

__attribute__((noinline)) void __jit_debug_register_code(void)
{
  __asm__ volatile("" ::: "memory");
}

descriptor __jit_debug_descriptor = {1, NO_ACTION, NULL, NULL};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void tell(uint32_t action, jit_seen *s)
{
  __jit_debug_descriptor.action = action;
  __jit_debug_descriptor.relevant = s;
  __jit_debug_register_code();
}

jit_seen *jit_seen_new(const char *object, size_t n)
{
  char *copy = malloc(n);
  jit_seen *s = malloc(sizeof *s);
  if (!copy || !s) {
    free(copy);
    free(s);
    return NULL;
  }
  memcpy(copy, object, n);
  *s = (jit_seen){.object = copy, .bytes = n};
  return s;
}

void jit_seen_place(jit_seen *s, uint64_t field, const void *address)
{
  uint64_t value = (uint64_t)(uintptr_t)address;
  if (field > s->bytes || s->bytes - field < sizeof value) return;
  memcpy((char *)(uintptr_t)s->object + field, &value, sizeof value);
}

void jit_seen_tell(jit_seen *s)
{
  pthread_mutex_lock(&lock);
  s->next = __jit_debug_descriptor.first;
  if (s->next) s->next->prev = s;
  __jit_debug_descriptor.first = s;
  tell(REGISTER, s);
  pthread_mutex_unlock(&lock);
}

void jit_seen_free(jit_seen *s)
{
  if (!s) return;
  pthread_mutex_lock(&lock);
  if (s->prev)
    s->prev->next = s->next;
  else
    __jit_debug_descriptor.first = s->next;
  if (s->next) s->next->prev = s->prev;
  tell(UNREGISTER, s);
  pthread_mutex_unlock(&lock);
  free((char *)(uintptr_t)s->object);
  free(s);
}
