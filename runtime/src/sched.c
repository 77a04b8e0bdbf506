// The scheduler. OpenMP gives the threads; who does what, and who waits for whom, is decided here
// under one lock, which is taken a few times a chunk.
#include "runtime/src/chunks.h"
#include "runtime/src/error.h"

#include <omp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define MAX_WAITING ((size_t)64 << 20)
#define SPARE_CAP ((size_t)1 << 20) // larger buffers are not kept for the next chunk
#define NONE SIZE_MAX

typedef struct run {
  const amlrt_work *work;
  const amlrt_alloc *mem;
  amlrt__cut cut;
  uint32_t n_workers;
  void **state; // by worker
  bool *started;
  amlrt__output *spare; // buffers to use again
  size_t max_waiting;

  pthread_mutex_t lock; // what follows
  pthread_cond_t changed;
  size_t n_spare;
  size_t next;      // chunks below it are started
  size_t next_dear; // in cut.dear
  size_t handed;    // chunks below it are handed over
  size_t waiting;   // bytes done and not handed over
  bool handing;     // some worker is at the consumer
  bool truncated;
  amlrt_status status; // of chunk `end`, where that is one
  amlrt_error error;
  size_t n_gone;             // chunks that need nothing more
  amlrt_status start_status; // of a worker that could not start
  amlrt_error start_error;

  // Written under the lock, read without it.
  _Atomic size_t end;  // the first chunk that failed; none: the number of chunks
  atomic_bool stopped; // cancelled, or a worker could not start
} run;

struct amlrt_task {
  run *r;
  size_t piece;
  uint32_t worker;
  amlrt__output out;
};

static bool ends_run(amlrt_status st)
{
  return st < 0 || st == AMLRT_INTERRUPTED;
}

// ---- what a body may call -----------------------------------------------------------------------

void *amlrt_task_room(amlrt_task *task, size_t bytes)
{
  amlrt__output *o = &task->out;
  void *at;

  if (!task->r->work->consume) o->n = 0;
  if (bytes > SIZE_MAX - o->n || !amlrt__grow(task->r->mem, &o->bytes, &o->cap, o->n + bytes, 1))
    return NULL;
  at = o->bytes + o->n;
  o->n += bytes;
  return at;
}

amlrt_status amlrt_task_write(amlrt_task *task, const void *bytes, size_t n, amlrt_error *err)
{
  void *to = n ? amlrt_task_room(task, n) : NULL;

  if (!to && n) return amlrt__nomem(err, "output");
  if (n) memcpy(to, bytes, n);
  return AMLRT_OK;
}

static bool ask_cancelled(run *r)
{
  if (atomic_load(&r->stopped)) return true;
  if (!r->work->cancelled || !r->work->cancelled(r->work->user)) return false;
  pthread_mutex_lock(&r->lock);
  atomic_store(&r->stopped, true);
  pthread_cond_broadcast(&r->changed);
  pthread_mutex_unlock(&r->lock);
  return true;
}

bool amlrt_task_stop(amlrt_task *task)
{
  return task->piece > atomic_load(&task->r->end) || ask_cancelled(task->r);
}

uint32_t amlrt_task_worker(const amlrt_task *task)
{
  return task->worker;
}

// ---- who does what; all under the lock ----------------------------------------------------------

static bool is_idle(const run *r, size_t i)
{
  return i < atomic_load(&r->end) && r->cut.piece[i].state == AMLRT__IDLE;
}

// The next chunk to start. NONE: none may be started now.
static size_t pick(run *r)
{
  if (r->waiting >= r->max_waiting) return is_idle(r, r->handed) ? r->handed : NONE;
  // One worker gains nothing from the order, and hands over at once when it keeps to it.
  if (r->n_workers > 1 && r->waiting < r->max_waiting / 2)
    while (r->next_dear < r->cut.n_dear) {
      size_t i = r->cut.dear[r->next_dear++];
      if (is_idle(r, i)) return i;
    }
  return is_idle(r, r->next) ? r->next : NONE;
}

static bool work_is_left(run *r)
{
  while (r->next < r->cut.n && r->cut.piece[r->next].state != AMLRT__IDLE)
    r->next++;
  return r->next < atomic_load(&r->end) && !atomic_load(&r->stopped);
}

// The chunk ends the run, unless an earlier one did.
static void end_at(run *r, size_t i, amlrt_status st, const amlrt_error *err)
{
  if (i >= atomic_load(&r->end)) return;
  atomic_store(&r->end, i);
  r->status = st;
  r->error = *err;
  pthread_cond_broadcast(&r->changed);
}

static void give_back(run *r, amlrt__output out)
{
  if (out.bytes && out.cap <= SPARE_CAP && r->n_spare < r->n_workers)
    r->spare[r->n_spare++] = (amlrt__output){out.bytes, 0, out.cap};
  else
    amlrt__release(r->mem, out.bytes);
}

static bool may_hand_over(const run *r)
{
  return r->handed < atomic_load(&r->end) && r->cut.piece[r->handed].state == AMLRT__DONE &&
         !atomic_load(&r->stopped);
}

// Hands over what is done and next, unless another worker does; lets go of the lock meanwhile.
static void hand_over(run *r)
{
  if (r->handing) return;
  r->handing = true;
  while (may_hand_over(r)) {
    amlrt__piece *p = &r->cut.piece[r->handed];
    amlrt__output out = p->out;
    amlrt_error err = {0};

    p->out = (amlrt__output){0};
    pthread_mutex_unlock(&r->lock);
    amlrt_status st = r->work->consume(r->work->user, &p->chunk, out.bytes, out.n, &err);
    pthread_mutex_lock(&r->lock);
    p->state = AMLRT__GONE;
    r->n_gone++;
    r->waiting -= out.cap;
    give_back(r, out);
    r->truncated |= st == AMLRT_TRUNCATED;
    if (ends_run(st)) end_at(r, r->handed, st, &err);
    r->handed++;
    pthread_cond_broadcast(&r->changed);
  }
  r->handing = false;
}

// ---- a worker -----------------------------------------------------------------------------------

// NONE: there is nothing left to do.
static size_t claim(run *r, amlrt_task *task)
{
  size_t i = NONE;

  if (ask_cancelled(r)) return NONE;
  pthread_mutex_lock(&r->lock);
  while (work_is_left(r) && (i = pick(r)) == NONE)
    pthread_cond_wait(&r->changed, &r->lock);
  if (i != NONE) {
    r->cut.piece[i].state = AMLRT__RUNNING;
    task->piece = i;
    task->out = r->n_spare ? r->spare[--r->n_spare] : (amlrt__output){0};
  }
  pthread_mutex_unlock(&r->lock);
  return i;
}

static void settle(run *r, amlrt_task *task, amlrt_status st, const amlrt_error *err)
{
  amlrt__piece *p = &r->cut.piece[task->piece];

  pthread_mutex_lock(&r->lock);
  r->truncated |= st == AMLRT_TRUNCATED;
  if (ends_run(st) || !r->work->consume) {
    if (ends_run(st)) end_at(r, task->piece, st, err);
    p->state = AMLRT__GONE;
    r->n_gone++;
    give_back(r, task->out);
  } else {
    p->state = AMLRT__DONE;
    p->out = task->out;
    r->waiting += task->out.cap;
    hand_over(r);
  }
  pthread_mutex_unlock(&r->lock);
}

static bool start_worker(run *r, uint32_t worker)
{
  amlrt_error err = {0};
  amlrt_status st = AMLRT_OK;

  if (r->work->start) st = r->work->start(r->work->user, worker, &r->state[worker], &err);
  r->started[worker] = !ends_run(st);
  if (!ends_run(st)) return true;
  pthread_mutex_lock(&r->lock);
  if (r->start_status == AMLRT_OK) {
    r->start_status = st;
    r->start_error = err;
  }
  atomic_store(&r->stopped, true);
  pthread_cond_broadcast(&r->changed);
  pthread_mutex_unlock(&r->lock);
  return false;
}

static void work_as(run *r, uint32_t worker)
{
  amlrt_task task = {.r = r, .worker = worker};

  if (!start_worker(r, worker)) return;
  while (claim(r, &task) != NONE) {
    amlrt_error err = {0};
    const amlrt_chunk *chunk = &r->cut.piece[task.piece].chunk;
    amlrt_status st = r->work->body(r->work->user, r->state[worker], chunk, &task, &err);
    settle(r, &task, st, &err);
  }
}

// ---- a run --------------------------------------------------------------------------------------

uint32_t amlrt_threads(uint32_t threads)
{
  int all = omp_get_max_threads();

  if (threads == 0) threads = all > 0 ? (uint32_t)all : 1;
  return threads < AMLRT_MAX_THREADS ? threads : AMLRT_MAX_THREADS;
}

static bool prepare(run *r, const amlrt_work *work)
{
  r->work = work;
  r->mem = work->mem ? work->mem : amlrt_alloc_default();
  r->max_waiting = work->max_waiting ? work->max_waiting : MAX_WAITING;
  if (!amlrt__cut_make(&r->cut, work, r->mem)) return false;
  r->n_workers = amlrt_threads(work->threads);
  if (r->n_workers > r->cut.n) r->n_workers = (uint32_t)r->cut.n;
  atomic_init(&r->end, r->cut.n);
  atomic_init(&r->stopped, false);
  r->state = amlrt__array(r->mem, r->n_workers, sizeof *r->state);
  r->started = amlrt__array(r->mem, r->n_workers, sizeof *r->started);
  r->spare = amlrt__array(r->mem, r->n_workers, sizeof *r->spare);
  return r->state && r->started && r->spare;
}

static void release(run *r)
{
  for (uint32_t w = 0; r->started && w < r->n_workers; w++)
    if (r->started[w] && r->work->finish) r->work->finish(r->work->user, w, r->state[w]);
  for (size_t i = 0; i < r->n_spare; i++)
    amlrt__release(r->mem, r->spare[i].bytes);
  amlrt__release(r->mem, r->spare);
  amlrt__release(r->mem, r->started);
  amlrt__release(r->mem, r->state);
  amlrt__cut_release(&r->cut, r->mem);
}

static void work_together(run *r)
{
  pthread_mutex_init(&r->lock, NULL); // with default attributes these two cannot fail here
  pthread_cond_init(&r->changed, NULL);
  if (r->n_workers == 1) {
    work_as(r, 0); // no thread is made, so that forked children can do this
  } else if (r->n_workers > 1) {
    // OpenMP may give fewer threads than asked for (inside another parallel region, one): those do
    // all the work.
#pragma omp parallel num_threads((int)r->n_workers) default(none) firstprivate(r)
    work_as(r, (uint32_t)omp_get_thread_num());
  }
  pthread_cond_destroy(&r->changed);
  pthread_mutex_destroy(&r->lock);
}

static amlrt_status failure(amlrt_status st, const amlrt_error *from, amlrt_error *err)
{
  if (st < 0 && err) {
    *err = *from;
    err->status = st;
  }
  return st;
}

static amlrt_status outcome(const run *r, amlrt_error *err)
{
  if (r->start_status != AMLRT_OK) return failure(r->start_status, &r->start_error, err);
  if (atomic_load(&r->end) < r->cut.n) return failure(r->status, &r->error, err);
  if (r->n_gone < r->cut.n) return AMLRT_INTERRUPTED;
  return r->truncated ? AMLRT_TRUNCATED : AMLRT_OK;
}

amlrt_status amlrt_parallel(const amlrt_work *work, amlrt_error *err)
{
  run r = {0};
  amlrt_status st;

  if (!prepare(&r, work)) {
    release(&r);
    return amlrt__nomem(err, "scheduler");
  }
  work_together(&r);
  st = outcome(&r, err);
  release(&r);
  return st;
}
