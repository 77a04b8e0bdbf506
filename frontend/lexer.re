// One step of the lexer: the whole text is there, ended by a NUL at its limit. A NUL before the limit is
// an ordinary wrong character. What a piece means, and what is wrong with it, is said by lex.c.
#include "frontend/lexer.h"
#include "grammar.h"

int lex_step(lex_cursor *s)
{
  const unsigned char *p = (const unsigned char *)s->at;
  const unsigned char *limit = (const unsigned char *)s->limit, *marker = p;

#define IS(kind) return s->at = (const char *)p, kind
  /*!re2c
  re2c:define:YYCTYPE  = "unsigned char";
  re2c:define:YYCURSOR = p;
  re2c:define:YYLIMIT  = limit;
  re2c:define:YYMARKER = marker;
  re2c:yyfill:enable   = 0;
  re2c:eof             = 0;

  digit  = [0-9];
  letter = [A-Za-z_];
  name   = letter (letter | digit)*;
  // Letters of other alphabets. E2 begins the signs: dashes, quotes, arrows.
  high   = [\xc3-\xe1\xe3-\xf4] [\x80-\xbf]+;
  number = digit (digit | "_")* ("." digit (digit | "_")*)?;
  two    = digit digit;
  date   = two two "-" two "-" two;
  clock  = two ":" two (":" two)?;
  loose  = two two [-/] digit digit? [-/] digit digit? [ T] digit digit? ":" digit digit? (":" digit digit?)?;

  $                       { IS(LEX_END); }
  *                       { IS(LEX_BAD_CHARACTER); }

  [ \t\r]+                { IS(LEX_BLANK); }
  "\n"                    { IS(LEX_NEWLINE); }
  "///" ([^/\n\x00] [^\n\x00]*)? { IS(LEX_DOC_COMMENT); } // before the next: both are as long
  "//" [^\n\x00]*         { IS(LEX_LINE_COMMENT); }
  "/*"                    { IS(LEX_BLOCK_COMMENT); }

  name                    { IS(LEX_NAME); }
  letter* (digit* high (letter | digit)*)+ { IS(LEX_BAD_WORD); }

  date                    { IS(TK_TIME); }
  date [ T] clock "Z"?    { IS(TK_TIME); }
  date [ T] clock [+-] two ":"? two { IS(LEX_BAD_TIME); }
  loose                   { IS(LEX_BAD_TIME); }

  number [smhd]           { IS(TK_DURATION); }
  number "%"              { IS(TK_PERCENT); }
  number                  { IS(TK_NUMBER); }
  number (letter (letter | digit)*) { IS(LEX_BAD_NUMBER); }
  number ("." digit+)+    { IS(LEX_BAD_NUMBER); }
  "." digit (digit | "_")* { IS(LEX_BAD_NUMBER); }

  ["] ([^"\\\n\x00] | [\\] [^\n\x00])* ["] { IS(TK_TEXT); }
  ["] ([^"\\\n\x00] | [\\] [^\n\x00])*     { IS(LEX_OPEN_TEXT); }
  ['] [^'\n\x00]* [']     { IS(LEX_SINGLE_QUOTED); }
  ("\xe2\x80\x9c" | "\xe2\x80\x9d" | "\xe2\x80\x9e") [^"\n\x00\xe2]* ("\xe2\x80\x9c" | "\xe2\x80\x9d") { IS(LEX_FANCY_QUOTED); }

  ";"  { IS(TK_SEMI); }   "->" { IS(TK_ARROW); }  ":"  { IS(TK_COLON); }  "="  { IS(TK_EQ); }     ","  { IS(TK_COMMA); }
  "{"  { IS(TK_LBRACE); } "}"  { IS(TK_RBRACE); } "["  { IS(TK_LBRACK); } "]"  { IS(TK_RBRACK); }
  "("  { IS(TK_LP); }     ")"  { IS(TK_RP); }     ".." { IS(TK_DOTDOT); } "~"  { IS(TK_TILDE); }  "."  { IS(TK_DOT); }
  "!=" { IS(TK_NE); }     "<"  { IS(TK_LT); }     "<=" { IS(TK_LE); }     ">"  { IS(TK_GT); }     ">=" { IS(TK_GE); }
  "+"  { IS(TK_PLUS); }   "-"  { IS(TK_MINUS); }  "*"  { IS(TK_STAR); }   "/"  { IS(TK_SLASH); }
  "&"  { IS(TK_AMP); }    "|"  { IS(TK_BAR); }

  // What other languages write, and what text programs make of signs. syntax.c has a row for each.
  "==" | "===" | "&&" | "||" | "!" | "<>" | "=<" | "=>" | "-->" | "==>" | "..." | ":="
  | "\xe2\x86\x92" | "\xe2\x89\xa4" | "\xe2\x89\xa5" | "\xe2\x89\xa0" | "\xe2\x80\xa6"
  | "\xe2\x80\x93" | "\xe2\x80\x94" | "\xe2\x88\x92" { IS(TK_FOREIGN); }
  */
#undef IS
}
