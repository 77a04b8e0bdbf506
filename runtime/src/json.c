// The escaping functions of JSON and CSV, and the small pieces that all output files share.
#include "runtime/src/outfile.h"
#include "runtime/src/alloc.h"
#include "runtime/src/utf8.h"

#include <inttypes.h>
#include <string.h>

void amlrt__out_puts(amlrt_out *o, const char *text)
{
  amlrt_out_write(o, text, strlen(text));
}

static void escape(amlrt_out *o, unsigned char c)
{
  static const char short_for[] = "\bb\ff\nn\rr\tt\"\"\\\\";

  for (const char *s = short_for; *s; s += 2) {
    if ((unsigned char)s[0] != c) continue;
    char two[2] = {'\\', s[1]};
    amlrt_out_write(o, two, 2);
    return;
  }
  amlrt_out_printf(o, "\\u%04x", (unsigned)c);
}

// Well-formed UTF-8. Runs of plain characters go out in one piece.
static void json_run(amlrt_out *o, const char *text, size_t n)
{
  size_t from = 0;

  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    amlrt_out_write(o, text + from, i - from);
    escape(o, c);
    from = i + 1;
  }
  amlrt_out_write(o, text + from, n - from);
}

// The table's texts are UTF-8; names of files and parameters may be any bytes, and what is not UTF-8
// becomes U+FFFD, for JSON has no other bytes.
void amlrt_out_json(amlrt_out *o, const char *text, size_t n)
{
  amlrt_out_write(o, "\"", 1);
  while (n > 0) {
    size_t good = amlrt__utf8_bad(text, n);
    json_run(o, text, good);
    if (good == n) break;
    amlrt__out_puts(o, "\xef\xbf\xbd");
    text += good + 1;
    n -= good + 1;
  }
  amlrt_out_write(o, "\"", 1);
}

void amlrt__out_json_z(amlrt_out *o, const char *text)
{
  amlrt_out_json(o, text, strlen(text));
}

static bool csv_needs_quotes(const char *text, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r') return true;
  // A reader that trims would lose these.
  return n > 0 && (text[0] == ' ' || text[n - 1] == ' ');
}

void amlrt_out_csv(amlrt_out *o, const char *text, size_t n)
{
  if (!csv_needs_quotes(text, n)) {
    amlrt_out_write(o, text, n);
    return;
  }
  amlrt_out_write(o, "\"", 1);
  for (size_t i = 0; i < n; i++) {
    if (text[i] == '"') amlrt_out_write(o, "\"", 1);
    amlrt_out_write(o, &text[i], 1);
  }
  amlrt_out_write(o, "\"", 1);
}

void amlrt__out_csv_z(amlrt_out *o, const char *text)
{
  amlrt_out_csv(o, text, strlen(text));
}

size_t amlrt__i64_print(char out[20], int64_t v)
{
  uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
  char digit[20];
  size_t n = 0, k = 0;

  do {
    digit[k++] = (char)('0' + left % 10);
    left /= 10;
  } while (left);
  if (v < 0) out[n++] = '-';
  while (k > 0)
    out[n++] = digit[--k];
  return n;
}

void amlrt__out_u64(amlrt_out *o, uint64_t v)
{
  char text[20];

  if (v <= INT64_MAX)
    amlrt_out_write(o, text, amlrt__i64_print(text, (int64_t)v));
  else
    amlrt_out_printf(o, "%" PRIu64, v);
}

void amlrt__out_double(amlrt_out *o, double v)
{
  char text[32];
  size_t n = amlrt_double_print(text, v);

  amlrt_out_write(o, text, n);
}

// The text of an id goes through `put`; most fit on the stack.
static void with_id(amlrt_out *o, const amlrt_table *t, uint32_t row,
                    void (*put)(amlrt_out *, const char *, size_t))
{
  char small[128];
  bool integer = amlrt_table_ids_are_integers(t);
  size_t n = integer ? amlrt__i64_print(small, amlrt_table_id_int(t, row))
                     : amlrt_table_id_text(t, row, small, sizeof small);

  if (n < sizeof small) {
    put(o, small, n);
    return;
  }
  char *big = amlrt__alloc(amlrt__out_mem(o), n + 1);
  if (!big) {
    amlrt__out_fail(o, AMLRT_E_NOMEM, 0);
    return;
  }
  amlrt_table_id_text(t, row, big, n + 1);
  put(o, big, n);
  amlrt__release(amlrt__out_mem(o), big);
}

void amlrt__out_json_id(amlrt_out *o, const amlrt_table *t, uint32_t row)
{
  with_id(o, t, row, amlrt_table_ids_are_integers(t) ? amlrt_out_write : amlrt_out_json);
}

void amlrt__out_csv_id(amlrt_out *o, const amlrt_table *t, uint32_t row)
{
  with_id(o, t, row, amlrt_out_csv);
}
