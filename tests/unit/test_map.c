// Column maps: names, positions, delimiters, and what is wrong with a map.
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support_table.h"

Suite *make_map_suite(void);

START_TEST(map_names)
{
  table_test x = start();

  x.opts.map_path = file_with("m.map", "# AMLSim\n"
                                       "src = sourceNodeId\r\n"
                                       "  dst=\"target Node\"  \n"
                                       "time = step\n\n"
                                       "amount = value\n"
                                       "extra.kind = type\n");
  read_text(&x, "type,sourceNodeId,target Node,value,step,time,note\nP,1,2,5.5,7,x,hello\n",
            AMLRT_OK);
  ck_assert_str_eq(row(x.t, 0), "0 1>2 5.5  > 5.5   @7");
  ck_assert_str_eq(amlrt_table_find_extra(x.t, "kind")->text[0], "P");
  ck_assert_str_eq(amlrt_table_find_extra(x.t, "note")->text[0], "hello");
  ck_assert_ptr_null(amlrt_table_find_extra(x.t, "type"));
  ck_assert_ptr_null(amlrt_table_find_extra(x.t, "time")); // the map took another column for it
  stop(&x);
}
END_TEST

START_TEST(map_positions)
{
  table_test x = start();

  x.opts.map_path = file_with("m.map", "header = none\ndelimiter = space\nsrc = 2\ndst = 1\n"
                                       "time = 3\nextra.w = 4\n");
  read_text(&x, "  b\ta 10 7\n\nd c 9 8 further\n", AMLRT_OK);
  ck_assert_str_eq(row(x.t, 0), "1 c>d -  > -   @9");
  ck_assert_str_eq(row(x.t, 1), "0 a>b -  > -   @10");
  ck_assert_int_eq(amlrt_table_find_extra(x.t, "w")->mantissa[0], 8);
  stop(&x);
  x.opts.map_path =
      file_with("m.map", "header = none\ndelimiter = tab\nsrc = 1\ndst = 2\ntime = 3");
  x.opts.max_rejects = 1;
  read_text(&x, "a b\tc\t5\nx\ty\n", AMLRT_OK);
  ck_assert_str_eq(row(x.t, 0), "0 a b>c -  > -   @5");
  reject_is(x.t, 0, 2, 0, "wrong number of fields");
  stop(&x);
  x.opts.map_path = file_with("m.map", "delimiter = semicolon\n");
  read_text(&x, "src;dst;time\na;b,c;5\n", AMLRT_OK);
  ck_assert_str_eq(row(x.t, 0), "0 a>b,c -  > -   @5");
  stop(&x);
}
END_TEST

static const struct {
  const char *map, *words;
} bad_maps[] = {
    {"srce = a\n", "m.map:1: unknown word"},
    {"\n# x\nsrc a\n", "m.map:3: a line is"},
    {"src =\n", "m.map:1: a line is"},
    {"= a\n", "m.map:1: a line is"},
    {"src = a\nsrc = b\n", "m.map:2: this column is given twice"},
    {"extra.x = a\nextra.x = b\n", "m.map:2: this column is given twice"},
    {"extra.src = a\n", "m.map:1: a standard column"},
    {"extra. = a\n", "m.map:1: unknown word"},
    {"delimiter = colon\n", "m.map:1: the delimiter is one of"},
    {"header = yes\n", "m.map:1: the header is none"},
    {"header = none\nsrc = 1\ndst = 2\n", "needs a line 'time = POSITION'"},
    {"header = none\nsrc = 1\ndst = 0\ntime = 3\n", "m.map:3: with 'header = none'"},
    {"header = none\nsrc = 1\ndst = b\ntime = 3\n", "m.map:3: with 'header = none'"},
    {"header = none\nsrc = 1\ndst = 99999999999\ntime = 3\n", "m.map:3: with 'header = none'"},
    {"src = nope\n", "m.map:1: "},
    {"src = nope\n", "has no column 'nope'; its header is: src,dst,time,note"},
    {"extra.note = time\ntime = time\n", "would be called 'note'"},
    {"src = a\xff\n", "not UTF-8"},
};

START_TEST(map_errors)
{
  table_test x = start();

  x.opts.map_path = file_with("m.map", bad_maps[_i].map);
  read_text(&x, "src,dst,time,note\n", AMLRT_E_MAP);
  says(&x, bad_maps[_i].words);
  says(&x, "m.map");
  stop(&x);
}
END_TEST

START_TEST(map_files)
{
  table_test x = start();

  x.opts.map_path = "/nowhere/x.map";
  read_text(&x, "src,dst,time\n", AMLRT_E_READ);
  says(&x, "/nowhere/x.map");
  x.opts.map_path = "/";
  read_text(&x, "src,dst,time\n", AMLRT_E_READ);
  stop(&x);
}
END_TEST

Suite *make_map_suite(void)
{
  Suite *s = suite_create("map");
  TCase *tc = tcase_create("maps");

  tcase_add_test(tc, map_names);
  tcase_add_test(tc, map_positions);
  tcase_add_loop_test(tc, map_errors, 0, sizeof bad_maps / sizeof *bad_maps);
  tcase_add_test(tc, map_files);
  suite_add_tcase(s, tc);
  return s;
}
