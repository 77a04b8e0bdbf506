// One line of progress on a terminal, from the first second on.
#include "frontend/driver/cli.h"
#include <unistd.h>

void progress_start(progress *p, const cli *c, const char *what)
{
  p->on = !cli_quiet(c) && isatty(STDERR_FILENO);
  p->start = cli_clock();
  p->shown = 0;
  p->what = what;
}

static const char *short_number(double v, char out[32])
{
  if (v >= 1e6)
    snprintf(out, 32, "%.1f M", v / 1e6);
  else if (v >= 1e4)
    snprintf(out, 32, "%.0f K", v / 1e3);
  else
    snprintf(out, 32, "%.0f", v);
  return out;
}

void progress_show(progress *p, uint64_t done, uint64_t all, const char *unit)
{
  if (!p->on) return;
  double now = cli_clock(), for_s = now - p->start;
  if (for_s < 1 || now - p->shown < 0.2) return;
  p->shown = now;
  double rate = (double)done / for_s;
  char n[32], r[32];
  fprintf(stderr, "\r%s: %s %s, %s a second", p->what, short_number((double)done, n), unit,
          short_number(rate, r));
  if (all > 0 && rate > 0)
    fprintf(stderr, ", %.0f %%, %.0f s left", 100.0 * (double)done / (double)all,
            (double)(all - done) / rate);
  fputs("\033[K", stderr);
  fflush(stderr);
}

void progress_end(progress *p)
{
  if (p->on && p->shown > 0) fputs("\r\033[K", stderr);
}
