#include "runtime/src/pipe.h"
#include "runtime/src/error.h"
#include "amlrt/sched.h"

#include <string.h>

enum {
  ROOM_BEFORE = 64,         // for what a block before may leave; more is got when it is needed
  MAX_TRIES = 64,           // lines tried for the end of a record
  BLOCKS_BETWEEN_ASKS = 16, // 4 MiB: some tens of thousands of rows
  BLOCKS_TO_JUDGE = 16      // so many tell how many rows the file may have
};

static bool put_bytes(amlrt__bytes *to, const char *text, size_t n, const amlrt_alloc *mem)
{
  if (!amlrt__grow(mem, &to->at, &to->cap, n, 1)) return false;
  if (n > 0) memcpy(to->at, text, n);
  to->n = n;
  return true;
}

// ---- loading ------------------------------------------------------------------------------------

// The record at `at`: *end is where it ends, if it is a good one and all there; else 0.
static amlrt_status try_record(amlrt__pipe *p, const amlrt__block *b, size_t at, size_t *end,
                               amlrt_error *err)
{
  amlrt__csv *csv = &p->probe;
  amlrt_status st;
  bool more;

  csv->buf = b->buf;
  csv->begin = at;
  csv->end = b->end;
  csv->at_end = csv->starved = csv->skipping = false;
  if (csv->undone.blocks) amlrt__pool_release(&csv->undone);
  st = amlrt__csv_next(csv, &more, err);
  *end = st == AMLRT_OK && more && !csv->fault.reason ? csv->begin : 0;
  return st;
}

// Where to cut: behind one of the last records, as it seems; 0: no line ends here. A line inside a quoted
// field seldom looks like a record of its own.
static amlrt_status find_cut(amlrt__pipe *p, const amlrt__block *b, size_t *cut, amlrt_error *err)
{
  const char *text = b->buf + b->begin;
  const char *lf = memrchr(text, '\n', b->end - b->begin);
  size_t last = lf ? (size_t)(lf - b->buf) + 1 : 0;
  amlrt_status st = AMLRT_OK;

  *cut = 0;
  for (int i = 0; lf && i < MAX_TRIES; i++) {
    lf = lf > text ? memrchr(text, '\n', (size_t)(lf - text)) : NULL; // of the line before
    st = try_record(p, b, lf ? (size_t)(lf - b->buf) + 1 : b->begin, cut, err);
    if (st < 0 || *cut > 0) return st;
  }
  *cut = last;
  return AMLRT_OK;
}

// Reads on until the block has `bytes` bytes more, or the input ends, or would keep us waiting.
static amlrt_status read_some(amlrt__pipe *p, amlrt__block *b, size_t bytes)
{
  size_t target = b->end + bytes, enough = b->end + bytes / 4, got = 1;
  amlrt_status st = AMLRT_OK;

  while (st == AMLRT_OK && b->end < target && got > 0) {
    if (b->end > enough && !amlrt__input_ready(p->in)) break;
    st = amlrt__input_read(p->in, b->buf + b->end, target - b->end, &got, &b->error);
    if (st == AMLRT_OK) b->end += got;
  }
  b->at_end = got == 0;
  return st;
}

static amlrt_status load_text(amlrt__pipe *p, amlrt__block *b)
{
  amlrt_status st = AMLRT_OK;
  size_t cut = 0;

  b->at_end = false;
  if (!amlrt__block_room(b, ROOM_BEFORE, p->tail.n)) return amlrt__nomem(&b->error, p->in->name);
  if (p->tail.n > 0) memcpy(b->buf + b->begin, p->tail.at, p->tail.n);
  b->end = b->begin + p->tail.n;
  p->tail.n = 0;
  while (st == AMLRT_OK && !b->at_end && cut == 0 && b->end - b->begin <= AMLRT__RECORD_MAX) {
    if (!amlrt__block_extend(b, p->block_bytes)) return amlrt__nomem(&b->error, p->in->name);
    st = read_some(p, b, p->block_bytes);
    if (st == AMLRT_OK && !b->at_end) st = find_cut(p, b, &cut, &b->error);
  }
  if (st < 0 || b->at_end || cut == 0) return st;
  if (!put_bytes(&p->tail, b->buf + cut, b->end - cut, b->mem))
    return amlrt__nomem(&b->error, p->in->name);
  b->end = cut;
  return AMLRT_OK;
}

static void load(amlrt__pipe *p, amlrt__block *b)
{
  if (!b->mem) amlrt__block_init(b, p->rows, p->in->name, p->delimiter);
  b->schema = p->schema;
  b->parsed = false;
  b->status = load_text(p, b);
  b->unreadable = b->status < 0;
  b->bytes = p->in->bytes;
}

static void parse(amlrt__block *b, amlrt__scratch *s)
{
  if (!b->unreadable) b->status = amlrt__block_parse(b, false, s, &b->error);
}

// ---- settling -----------------------------------------------------------------------------------

// How many rows the table will have, as far as the size of the file tells; 0: it does not.
static size_t expected_rows(const amlrt__pipe *p, const amlrt__block *b)
{
  double rows = (double)(p->rows->n_rows - p->rows_before) + b->n_rows;

  if (p->n_settled < BLOCKS_TO_JUDGE || !p->in->size || !b->bytes) return 0;
  rows *= 1.05 * (double)p->in->size / (double)b->bytes; // lines may get shorter
  return rows < (double)AMLRT_NONE ? p->rows_before + (size_t)rows + 1 : AMLRT_NONE;
}

static amlrt_status parse_again(amlrt__pipe *p, amlrt__block *b, amlrt__scratch *s,
                                amlrt_error *err)
{
  if (!amlrt__block_prepend(b, p->left.at, p->left.n)) return amlrt__nomem(err, p->in->name);
  p->left.n = 0;
  return amlrt__block_parse(b, p->skipping, s, err);
}

static amlrt_status settle(amlrt__pipe *p, amlrt__block *b, amlrt__scratch *s, amlrt_error *err)
{
  bool again = !b->unreadable && (p->left.n > 0 || p->skipping);
  amlrt_status st = b->status;

  if (again)
    st = parse_again(p, b, s, err);
  else if (st < 0)
    *err = b->error;
  if (st == AMLRT_OK)
    st = amlrt__block_settle(b, p->rows, p->file, p->line, expected_rows(p, b), err);
  if (st < 0) return st;
  p->line += b->csv.next_line - 1;
  p->skipping = b->csv.skipping;
  if (!put_bytes(&p->left, b->buf + b->csv.begin, b->end - b->csv.begin, b->mem))
    return amlrt__nomem(err, p->in->name);
  return AMLRT_OK;
}

// ---- who does what; under the lock, which is let go of for the work itself -----------------------

static amlrt__block *slot(amlrt__pipe *p, uint64_t i)
{
  return &p->block[i % p->n_blocks];
}

static void stop(amlrt__pipe *p, amlrt_status st, const amlrt_error *err)
{
  if (p->stopped) return;
  p->stopped = true;
  p->status = st;
  p->error = *err;
}

static void do_ask(amlrt__pipe *p)
{
  amlrt_error err = {0};
  uint64_t rows = p->n_rows, bytes = p->bytes;
  amlrt_status st;

  p->must_ask = false;
  pthread_mutex_unlock(&p->lock);
  st = p->ask(p->user, rows, bytes, &err);
  pthread_mutex_lock(&p->lock);
  if (st != AMLRT_OK) stop(p, st, &err);
}

static void do_settle(amlrt__pipe *p, amlrt__scratch *s)
{
  amlrt__block *b = slot(p, p->n_settled);
  amlrt_error err = {0};
  amlrt_status st;

  p->settling = true;
  pthread_mutex_unlock(&p->lock);
  st = settle(p, b, s, &err);
  pthread_mutex_lock(&p->lock);
  p->settling = false;
  p->n_rows = p->rows->n_read;
  p->bytes = b->bytes;
  p->n_settled++;
  p->must_ask |= p->n_settled % BLOCKS_BETWEEN_ASKS == 0;
  if (st < 0) stop(p, st, &err);
}

static void do_load(amlrt__pipe *p)
{
  amlrt__block *b = slot(p, p->n_loaded);

  p->loading = true;
  pthread_mutex_unlock(&p->lock);
  load(p, b);
  pthread_mutex_lock(&p->lock);
  p->loading = false;
  p->all_loaded = b->at_end || b->unreadable;
  p->n_loaded++;
}

static void do_parse(amlrt__pipe *p, amlrt__scratch *s)
{
  amlrt__block *b = slot(p, p->n_begun++);

  pthread_mutex_unlock(&p->lock);
  parse(b, s);
  pthread_mutex_lock(&p->lock);
  b->parsed = true;
}

static bool can_settle(amlrt__pipe *p)
{
  return !p->settling && p->n_settled < p->n_begun && slot(p, p->n_settled)->parsed;
}

static bool can_load(const amlrt__pipe *p)
{
  return !p->loading && !p->all_loaded && p->n_loaded - p->n_settled < p->n_blocks;
}

static bool is_done(const amlrt__pipe *p)
{
  return p->stopped || (p->all_loaded && p->n_settled == p->n_loaded);
}

// Settling first, for it gives blocks free; then loading, as long as others would wait for it.
static void work_on(amlrt__pipe *p, amlrt__scratch *s, bool is_host)
{
  pthread_mutex_lock(&p->lock);
  while (!is_done(p)) {
    uint64_t n_waiting = p->n_loaded - p->n_begun;
    if (is_host && p->must_ask)
      do_ask(p);
    else if (can_settle(p))
      do_settle(p, s);
    else if (can_load(p) && n_waiting < p->threads)
      do_load(p);
    else if (n_waiting > 0)
      do_parse(p, s);
    else if (can_load(p))
      do_load(p);
    else {
      pthread_cond_wait(&p->changed, &p->lock);
      continue;
    }
    pthread_cond_broadcast(&p->changed);
  }
  pthread_mutex_unlock(&p->lock);
}

static amlrt_status work(void *user, void *state, const amlrt_chunk *chunk, amlrt_task *task,
                         amlrt_error *err)
{
  amlrt__pipe *p = user;
  uint32_t worker = amlrt_task_worker(task);

  (void)state, (void)chunk, (void)err;
  work_on(p, &p->scratch[worker], worker == 0); // worker 0 is the calling thread
  return AMLRT_OK;
}

// ---- a file -------------------------------------------------------------------------------------

amlrt_status amlrt__pipe_start(amlrt__pipe *p, amlrt_error *err)
{
  const amlrt_alloc *mem = p->rows->mem;
  amlrt__block *b;

  p->rows_before = p->rows->n_rows;
  amlrt__csv_init_part(&p->probe, p->in->name, p->delimiter, mem);
  p->has_lock =
      pthread_mutex_init(&p->lock, NULL) == 0 && pthread_cond_init(&p->changed, NULL) == 0;
  p->n_blocks = 3 * p->threads + 1; // each thread parses one, has one before it and one behind it
  p->block = amlrt__array(mem, p->n_blocks, sizeof *p->block);
  p->scratch = amlrt__array(mem, p->threads, sizeof *p->scratch);
  if (!p->block || !p->scratch) return amlrt__nomem(err, p->in->name);
  b = &p->block[0];
  load(p, b);
  p->n_loaded = 1;
  p->all_loaded = b->at_end;
  if (b->status < 0 && err) *err = b->error;
  if (b->status < 0) return b->status;
  if (b->end - b->begin >= 3 && memcmp(b->buf + b->begin, "\xef\xbb\xbf", 3) == 0) b->begin += 3;
  return AMLRT_OK;
}

// A longer first block: a second one, with the first before it.
static amlrt_status load_more(amlrt__pipe *p, amlrt_error *err)
{
  amlrt__block *first = &p->block[0], *second = &p->block[1];

  load(p, second);
  if (second->status < 0 && err) *err = second->error;
  if (second->status < 0) return second->status;
  if (!amlrt__block_prepend(second, first->buf + first->begin, first->end - first->begin))
    return amlrt__nomem(err, p->in->name);
  amlrt__block swap = *first;
  *first = *second;
  *second = swap;
  p->all_loaded = first->at_end;
  return AMLRT_OK;
}

amlrt_status amlrt__pipe_header(amlrt__pipe *p, amlrt__csv *head, bool *more, amlrt_error *err)
{
  amlrt__block *b = &p->block[0];
  amlrt_status st = AMLRT_OK;

  for (;;) {
    head->buf = b->buf;
    head->begin = b->begin;
    head->end = b->end;
    head->at_end = b->at_end;
    head->starved = false;
    if (st < 0 || (st = amlrt__csv_next(head, more, err)) < 0) return st;
    b->begin = head->begin;
    p->line = head->next_line;
    if (!head->starved) return AMLRT_OK;
    st = load_more(p, err);
  }
}

amlrt_status amlrt__pipe_rows(amlrt__pipe *p, amlrt_error *err)
{
  amlrt_work all = {.n = p->all_loaded ? 1 : p->threads,
                    .threads = p->threads,
                    .mem = p->rows->mem,
                    .chunk_cost = 1,
                    .user = p,
                    .body = work};
  amlrt_status st;

  p->block[0].schema = p->schema;
  p->probe.n_expected = p->schema->n_fields;
  p->probe.at_least = p->schema->at_least;
  st = amlrt_parallel(&all, err);
  if (st != AMLRT_OK) return st;
  if (p->status < 0 && err) *err = p->error;
  if (p->status != AMLRT_OK && err) err->status = p->status;
  return p->status;
}

void amlrt__pipe_release(amlrt__pipe *p)
{
  const amlrt_alloc *mem = p->rows->mem;

  for (uint32_t i = 0; p->block && i < p->n_blocks; i++)
    amlrt__block_release(&p->block[i]);
  for (uint32_t i = 0; p->scratch && i < p->threads; i++)
    amlrt__scratch_release(&p->scratch[i], mem);
  amlrt__release(mem, p->block);
  amlrt__release(mem, p->scratch);
  amlrt__release(mem, p->tail.at);
  amlrt__release(mem, p->left.at);
  amlrt__csv_release(&p->probe);
  if (!p->has_lock) return;
  pthread_cond_destroy(&p->changed);
  pthread_mutex_destroy(&p->lock);
}
