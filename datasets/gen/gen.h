// Synthetic transactions in the IBM AML format, with planted laundering attempts and their truth.
//
// One call makes everything: gen_run(&opts, &result, &error). The same options give the same
// bytes on every machine: integers only, no floating point, no clock, own random numbers.
//
// Threads: none of these functions keeps state; calls may run at the same time on other files.
#ifndef DATASETS_GEN_GEN_H
#define DATASETS_GEN_GEN_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
#define TYPOLOGY(id, title, before, after) GEN_##id,
#include "datasets/gen/typologies.def"
  GEN_N_TYPOLOGIES
} gen_typology;

// Names as in truth.csv and patterns/ (`fan_out`).
extern const char *const gen_typology_name[GEN_N_TYPOLOGIES];

typedef enum {
  GEN_OK = 0,
  GEN_E_OPTIONS = -1, // options that contradict each other or are out of range
  GEN_E_NOMEM = -2,
  GEN_E_IO = -3, // a file could not be written
} gen_status;

typedef struct {
  uint64_t rows;         // data rows in all, planted ones and duplicates included
  uint64_t seed;         // any number
  uint32_t accounts;     // ordinary accounts; 0: one for every 8 rows, at least 100
  uint32_t attempts;     // planted attempts of each typology; GEN_AUTO: grows with the rows
  uint32_t days;         // length of the dense period, which begins on 2022-09-01
  uint32_t history_days; // thin activity before it, in which nearly every account is seen; 0: none
  const char *out;       // the CSV; "-" is standard output
  const char *truth;     // the attempts as in HI-Small_Patterns.txt; NULL: not written
  const char *truth_csv; // attempt,typology,row; NULL: not written
} gen_opts;

#define GEN_AUTO UINT32_MAX

typedef struct {
  uint64_t rows;                       // data rows written
  uint64_t planted_rows;               // rows of attempts, each with Is Laundering 1
  uint64_t duplicates;                 // exact copies of another row
  uint32_t attempts[GEN_N_TYPOLOGIES]; // by typology
  uint32_t accounts;                   // accounts that may appear, those of attempts included
} gen_result;

typedef struct {
  char text[256]; // what went wrong, one line without a newline; names the file where there is one
} gen_error;

// 100,000 rows, seed 1, 10 days, attempts GEN_AUTO, no files named.
gen_opts gen_defaults(void);

// Makes the files. On failure *result is unchanged; what could not be written whole has no final
// name (files are written as NAME.part and renamed; pipes and devices are written to directly).
gen_status gen_run(const gen_opts *opts, gen_result *result, gen_error *error);

#endif
