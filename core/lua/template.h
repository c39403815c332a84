/* Template: texts with holes, compiled once per state to Lua functions.
 *
 *   {{ expr }}    the value, escaped for HTML text and double-quoted attributes; in text mode as is
 *   {{& expr }}   the value as it is
 *   {% code %}    a Lua statement or half of one: if … then, for … do, end, local x = …
 *   {# … #}       a comment
 *
 * A line that holds nothing but one {% %} or {# #} leaves no line behind. Names are the variables that
 * the render call gives, then the standard library. A name that is neither, and an {{ expr }} that
 * is nil, is an error that names template, line and variable ("or" gives a default). Values must be
 * texts, numbers or booleans. Assigning to a name that is not local is an error. Lua comments are
 * refused. An output is at most 64 bytes short of 1 MiB. Lines in messages are the template's.
 */
#ifndef FOYER_LUA_TEMPLATE_H
#define FOYER_LUA_TEMPLATE_H

#include "base/status.h"
#include "base/str.h"

struct buf;
struct lua_State;
struct script_error;
struct script_state;
struct value;

enum template_mode {
    TEMPLATE_HTML, /* {{ }} escapes */
    TEMPLATE_TEXT  /* {{ }} does not: plain parts of mails */
};

/* Compiles; *reference is for template_render and script_drop. name is for messages. ST_OK;
 * ST_TOO_LARGE (LIMIT_SCRIPT_SOURCE) and ST_RULE_ERROR: see error. */
enum status template_compile(struct script_state *state, struct str name, struct str source,
                             enum template_mode mode, int *reference, struct script_error *error);

/* Renders with the members of `variables` (an object) as names; appends to out, which is left as it
 * was on any error. ST_OK; ST_RULE_ERROR: see error (a full `out` included). */
enum status template_render(struct script_state *state, int reference,
                            const struct value *variables, uint64_t budget_us, struct buf *out,
                            struct script_error *error);

/* Translates to a Lua chunk of as many lines, that takes (variables, put_text, put_value, put_raw).
 * Appends to out. False: *reason is a literal, *line where. No Lua; for template_compile and the
 * fuzzer. */
bool template_translate(struct str source, struct buf *out, const char **reason, int *line);

/* lua_CFunction for script_module: the table of `template`. A template is a function that takes a
 * table of variables and gives text.
 *   compile(name, source [, "text"])   makes one
 *   load(name [, "text"])              from a file that script_files finds, once per state, while
 *                                      loading; in text mode also when the name ends with ".txt"
 *   escape(text)                       for HTML, as {{ }} does */
int template_open(struct lua_State *L);

#endif
