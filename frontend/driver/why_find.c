// Finds an alert in alerts.jsonl by the beginning of its id. Lines are only searched for their ids, not
// parsed, so that a file of a million alerts takes a second.
#include "frontend/driver/why_parts.h"
#include "frontend/driver/options.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char line_start[] = "{\"match_id\":\"";
static const char alert_key[] = ",\"alert_id\":\"";
enum { ID = 32, MIN_PREFIX = 4, SHOWN = 5, START = sizeof line_start - 1 };

typedef struct search {
  const char *match; // small digits; NULL: any
  char prefix[ID + 1];
  uint64_t n_hits;
  char hits[SHOWN][ID + 1]; // match ids
  char nearest[ID + 1];
  size_t n_common; // digits the nearest shares with the prefix
} search;

static bool is_id(const char *at)
{
  for (int i = 0; i < ID; i++)
    if (!((at[i] >= '0' && at[i] <= '9') || (at[i] >= 'a' && at[i] <= 'f'))) return false;
  return true;
}

static bool is_ours(const char *line, size_t n)
{
  return n > START + ID && memcmp(line, line_start, START) == 0 && is_id(line + START);
}

// The last one: a role may be called alert_id, but stands before. In a string the quotes are escaped.
static const char *alert_id_of(const char *line, size_t n)
{
  size_t k = sizeof alert_key - 1;

  for (size_t at = n; at-- > 0;)
    if (n - at >= k + ID && line[at] == ',' && memcmp(line + at, alert_key, k) == 0)
      return is_id(line + at + k) ? line + at + k : NULL;
  return NULL;
}

static size_t common(const char *a, const char *b)
{
  size_t n = 0;

  while (n < ID && a[n] && a[n] == b[n])
    n++;
  return n;
}

static void look_near(search *s, const char *id)
{
  size_t n = common(s->prefix, id);

  if (s->nearest[0] && n <= s->n_common) return;
  memcpy(s->nearest, id, ID);
  s->n_common = n;
}

static bool is_hit(search *s, const char *line, size_t n)
{
  const char *id = line + START, *alert_id = alert_id_of(line, n);
  size_t want = strlen(s->prefix);

  look_near(s, id);
  return common(s->prefix, id) == want || (alert_id && common(s->prefix, alert_id) == want);
}

// Takes the line over where it is the one.
static void take_line(why_found *out, search *s, char **line, size_t n)
{
  out->n_alerts++;
  if (!s->match ? out->n_alerts > 1 : !is_hit(s, *line, n)) return;
  if (s->n_hits < SHOWN) memcpy(s->hits[s->n_hits], *line + START, ID);
  if (s->n_hits++ > 0) return;
  out->line = *line;
  out->n = n;
  *line = NULL;
}

static int read_lines(why_found *out, search *s, FILE *f, const char *path, FILE *err)
{
  char *line = NULL;
  size_t cap = 0;
  ssize_t n;
  int code = EXIT_DONE, e;

  errno = 0;
  while (code == EXIT_DONE && (n = getline(&line, &cap, f)) >= 0) {
    if (n > 0 && line[n - 1] == '\n') n--;
    if (is_ours(line, (size_t)n)) {
      take_line(out, s, &line, (size_t)n);
      if (!line) cap = 0;
      continue;
    }
    fprintf(err, "amlc: %s:%llu: this is no alert; give the folder that `amlc run -o` wrote\n",
            path, (unsigned long long)out->n_alerts + 1);
    code = EXIT_DATA;
  }
  e = errno;
  free(line);
  if (code != EXIT_DONE || (feof(f) && !ferror(f))) return code;
  fprintf(err, "amlc: cannot read '%s': %s\n", path, strerror(e ? e : EIO));
  return EXIT_WORLD;
}

// The beginning of an id: digits of either case. False: said.
static bool take_prefix(search *s, const char *match, FILE *err)
{
  size_t n = match ? strlen(match) : 0;

  s->match = match;
  if (!match) return true;
  for (size_t i = 0; i < n && i < ID; i++)
    s->prefix[i] = (char)tolower((unsigned char)match[i]);
  if (n > ID || strspn(s->prefix, "0123456789abcdef") != n) {
    fprintf(err, "amlc: '%s' is no match id: they are %d digits of 0-9 and a-f\n", match, ID);
    return false;
  }
  if (n >= MIN_PREFIX) return true;
  fprintf(err, "amlc: '%s' is too short for the beginning of a match id; give at least %d digits\n",
          match, MIN_PREFIX);
  return false;
}

static int judge(const search *s, const why_found *found, const char *path, FILE *err)
{
  if (!s->match || s->n_hits == 1) return EXIT_DONE;
  if (s->n_hits == 0 && found->n_alerts == 0)
    fprintf(err, "amlc: there are no alerts in '%s'\n", path);
  else if (s->n_hits == 0)
    fprintf(err, "amlc: no alert has an id that begins with %s; the nearest is %s\n", s->prefix,
            s->nearest);
  else
    fprintf(err, "amlc: %llu alerts have ids that begin with %s; say more digits:\n",
            (unsigned long long)s->n_hits, s->prefix);
  for (uint64_t i = 0; i < s->n_hits && i < SHOWN; i++)
    fprintf(err, "  %s\n", s->hits[i]);
  if (s->n_hits > SHOWN) fprintf(err, "  ...\n");
  return EXIT_USAGE;
}

int why_find(why_found *out, const char *path, const char *match, FILE *err)
{
  search s = {0};
  *out = (why_found){0};
  if (!take_prefix(&s, match, err)) return EXIT_USAGE;
  bool from_stdin = strcmp(path, "-") == 0;
  FILE *f = from_stdin ? stdin : fopen(path, "r");
  if (!f) {
    fprintf(err, "amlc: cannot read '%s': %s\n", path, strerror(errno));
    return EXIT_WORLD;
  }
  int code = read_lines(out, &s, f, path, err);
  if (!from_stdin) fclose(f);
  if (code == EXIT_DONE) code = judge(&s, out, path, err);
  if (code != EXIT_DONE) {
    free(out->line);
    *out = (why_found){0};
  }
  return code;
}
