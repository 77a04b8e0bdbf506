// Lines of a formatted file: columns below each other, long lines broken.
#include "frontend/fmt_inside.h"

// Characters, not bytes: texts in quotes may hold any.
static uint32_t width_of(const char *text, size_t n)
{
  uint32_t width = 0;
  for (size_t i = 0; i < n; i++)
    width += ((unsigned char)text[i] & 0xc0) != 0x80;
  return width;
}

static uint32_t atom_width(const fmt_atom *a)
{
  return a->spaces + width_of(a->text, a->n);
}

// From the indent to the column of the mark; 0: the line has no such mark.
static uint32_t width_to(const fmt_line *l, fmt_mark mark)
{
  uint32_t width = 0;
  for (uint32_t i = 0; i < l->atoms.n; i++) {
    const fmt_atom *a = &l->atoms.at[i];
    if (a->mark == mark) return width + (mark == MARK_RIGHT ? atom_width(a) : a->spaces);
    width += atom_width(a);
  }
  return 0;
}

static uint32_t full_width(const fmt_line *l)
{
  uint32_t width = 0;
  for (uint32_t i = 0; i < l->atoms.n; i++)
    width += atom_width(&l->atoms.at[i]);
  return width;
}

// A comment up to the end of its line stands within.
static bool has_break(const fmt_line *l)
{
  for (uint32_t i = 0; i < l->atoms.n; i++)
    if (l->atoms.at[i].must_break) return true;
  return false;
}

static bool fits(const fmt_line *l)
{
  if (has_break(l)) return false;
  return l->whole || l->indent * FMT_INDENT + full_width(l) <= FMT_COLUMNS;
}

// ---- columns ------------------------------------------------------------------------------------

static void pad(fmt_line *l, fmt_mark mark, uint32_t width)
{
  for (uint32_t i = 0; i < l->atoms.n; i++)
    if (l->atoms.at[i].mark == mark) l->atoms.at[i].spaces += width - width_to(l, mark);
}

static bool shares(const fmt_line *a, const fmt_line *b)
{
  return a->group && a->group == b->group && a->indent == b->indent && !b->blank;
}

// One mark in lines [from, to): those below each other that have it get it in one column.
static void align_mark(fmt_lines *lines, uint32_t from, uint32_t to, fmt_mark mark)
{
  for (uint32_t i = from; i < to;) {
    uint32_t end = i, width = 0, w;
    for (; end < to && (w = width_to(&lines->at[end], mark)) > 0; end++)
      if (w > width) width = w;
    for (uint32_t k = i; k < end; k++)
      pad(&lines->at[k], mark, width);
    i = end > i ? end : i + 1;
  }
}

static void align(fmt_lines *lines)
{
  for (uint32_t i = 0; i < lines->n;) {
    uint32_t end = i + 1;
    while (end < lines->n && shares(&lines->at[end - 1], &lines->at[end]) &&
           !has_break(&lines->at[end - 1]) && !has_break(&lines->at[end]))
      end++;
    for (int mark = MARK_RIGHT; mark < FMT_MARKS; mark++)
      align_mark(lines, i, end, (fmt_mark)mark);
    i = end;
  }
}

// ---- printing -----------------------------------------------------------------------------------

static void blanks(strbuf *out, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    strbuf_putc(out, ' ');
}

// From an atom to the next place where the line may break.
static uint32_t run_width(const fmt_line *l, uint32_t i)
{
  uint32_t width = atom_width(&l->atoms.at[i]);
  for (i++; i < l->atoms.n && !l->atoms.at[i].may_break && !l->atoms.at[i].must_break; i++)
    width += atom_width(&l->atoms.at[i]);
  return width;
}

// What stands behind a `;` is a statement of its own: a line broken there goes on at the indent.
static bool ends_statement(const fmt_atom *a)
{
  return a->n == 1 && a->text[0] == ';';
}

// Prints the atoms and returns the column after the last.
static uint32_t print_atoms(strbuf *out, const fmt_line *l, bool broken)
{
  uint32_t column = l->indent * FMT_INDENT;

  blanks(out, column);
  for (uint32_t i = 0; i < l->atoms.n; i++) {
    const fmt_atom *a = &l->atoms.at[i];
    bool full = broken && a->may_break && column + run_width(l, i) > FMT_COLUMNS;
    uint32_t spaces = i ? a->spaces : 0;
    if (i && (full || a->must_break)) {
      strbuf_putc(out, '\n');
      column = (l->indent + (ends_statement(&l->atoms.at[i - 1]) ? 0 : 2)) * FMT_INDENT;
      blanks(out, column);
      spaces = 0;
    }
    blanks(out, spaces);
    strbuf_add(out, a->text, a->n);
    column += spaces + width_of(a->text, a->n);
  }
  return column;
}

static bool shares_comments(const fmt_lines *lines, uint32_t i)
{
  const fmt_line *l = &lines->at[i];
  return i > 0 && l->comment && l[-1].comment && !l->blank && l->indent == l[-1].indent;
}

// Where the comments behind the lines from i on begin: those below each other share a column.
static uint32_t comment_column(const fmt_lines *lines, uint32_t i)
{
  uint32_t column = 0;
  do {
    const fmt_line *l = &lines->at[i];
    uint32_t w = l->indent * FMT_INDENT + full_width(l);
    if (fits(l) && w > column) column = w;
  } while (++i < lines->n && shares_comments(lines, i));
  return column + 2;
}

void fmt__print(strbuf *out, fmt_lines *lines)
{
  uint32_t comments_at = 0;

  align(lines);
  for (uint32_t i = 0; i < lines->n; i++) {
    const fmt_line *l = &lines->at[i];
    if (l->blank) strbuf_putc(out, '\n');
    if (l->comment && !shares_comments(lines, i)) comments_at = comment_column(lines, i);
    uint32_t column = print_atoms(out, l, !fits(l));
    if (l->comment) {
      blanks(out, fits(l) && comments_at > column ? comments_at - column : 2);
      strbuf_puts(out, l->comment);
    }
    strbuf_putc(out, '\n');
  }
}
