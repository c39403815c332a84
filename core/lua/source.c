/* Source: what is refused before the compiler sees it. source.h says why.
 *
 * One pass over the tokens with a stack of open brackets and blocks. For each open bracket it knows
 * the longest chain of fields in it (naming a culprit recurses along `a.b[c.d]` to the left and
 * into the brackets, and stops at calls), and whether the value of an index may be a bare comparison.
 */
#include "lua/source.h"

#include "base/arena.h"

#include <string.h>

enum { NEST_MAX = 100, CHAIN_MAX = 100, LINKS_MAX = 1000, CONCAT_MAX = 150 };

enum frame_kind { FRAME_BLOCK, FRAME_FUNCTION, FRAME_GROUP, FRAME_CALL, FRAME_INDEX, FRAME_TABLE };

struct frame {
    enum frame_kind kind;
    bool is_comparison; /* index, group: what was read since the last `and` or `or` compares */
    int chain;          /* links of the chain that is being read */
    int longest;
    int concats;
};

struct checker {
    struct scanner scanner;
    struct frame frames[NEST_MAX + 1];
    int depth;
    int links;        /* of one whole expression, brackets included */
    int open_indexes; /* frames of kind index or group */
    struct token token;
    struct token last;
    bool in_attributes; /* after `local`, before `=` */
    const char *refusal;
};

static void check_token(struct checker *checker);
static void check_keyword(struct checker *checker);
static void check_operator(struct checker *checker);
static void check_attribute(struct checker *checker);
static void push(struct checker *checker, enum frame_kind kind);
static void pop(struct checker *checker);
static void link_chain(struct checker *checker);
static void end_chain(struct checker *checker);
static void mark_comparison(struct frame *frame);
static bool may_be_followed(const struct checker *checker);

struct str source_refusal(struct str source, struct arena *arena, int *line)
{
    struct checker *checker;

    *line = 1;
    if (source.len > 0 && source.at[0] == '\x1b')
        return str_copy(arena, STR("this is bytecode: only text is loaded"));
    checker = arena_new(arena, struct checker);
    scanner_init(&checker->scanner, source);
    checker->last.kind = TOKEN_END;
    do {
        checker->token = scanner_next(&checker->scanner);
        check_token(checker);
        checker->last = checker->token;
    } while (checker->refusal == NULL && checker->token.kind != TOKEN_END);
    *line = checker->token.line;
    return checker->refusal ? str_copy(arena, str_from(checker->refusal)) : STR_NONE;
}

static void check_token(struct checker *checker)
{
    switch (checker->token.kind) {
    case TOKEN_KEYWORD:
        check_keyword(checker);
        return;
    case TOKEN_OPERATOR:
        check_operator(checker);
        return;
    case TOKEN_NAME:
        if (!str_is(checker->last.text, ".") && !str_is(checker->last.text, ":"))
            end_chain(checker);
        return;
    case TOKEN_STRING: /* f"text" is a call */
    case TOKEN_NUMBER:
        end_chain(checker);
        return;
    case TOKEN_END:
        return;
    }
}

static void check_keyword(struct checker *checker)
{
    struct frame *frame = &checker->frames[checker->depth];
    struct str word = checker->token.text;
    bool opens = str_is(word, "if") || str_is(word, "do") || str_is(word, "repeat");

    end_chain(checker);
    frame->concats = 0;
    checker->in_attributes = str_is(word, "local");
    if (str_is(word, "function"))
        push(checker, FRAME_FUNCTION);
    else if (opens)
        push(checker, FRAME_BLOCK);
    else if (str_is(word, "end") || str_is(word, "until"))
        pop(checker);
    else if (str_is(word, "and") || str_is(word, "or"))
        frame->is_comparison = false;
}

static void check_operator(struct checker *checker)
{
    struct frame *frame = &checker->frames[checker->depth];
    struct str text = checker->token.text;
    char c = text.at[0];

    if (checker->in_attributes)
        check_attribute(checker);
    if (str_is(text, ".") || str_is(text, ":")) {
        if (may_be_followed(checker))
            link_chain(checker);
    } else if (c == '(') {
        push(checker, may_be_followed(checker) ? FRAME_CALL : FRAME_GROUP);
    } else if (c == '[' && may_be_followed(checker)) {
        link_chain(checker);
        push(checker, FRAME_INDEX);
    } else if (c == '[' || c == '{') {
        push(checker, FRAME_TABLE);
    } else if (c == ')' || c == ']' || c == '}') {
        if (frame->kind == FRAME_INDEX && frame->is_comparison)
            checker->refusal = "a comparison alone as an index, t[a < b], is miscompiled by some "
                               "versions of Lua: put it into a local variable first";
        pop(checker);
    } else {
        end_chain(checker);
        if (str_is(text, ".."))
            frame->concats++;
        else if (c == ',' || c == ';' || c == '=' || c == '<' || c == '>' || c == '~')
            frame->concats = 0;
        if (frame->concats > CONCAT_MAX)
            checker->refusal = "more than 150 '..' in one expression: use table.concat";
        if (str_is(text, "==") || str_is(text, "~=") || str_is(text, "<") || str_is(text, ">") ||
            str_is(text, "<=") || str_is(text, ">="))
            mark_comparison(frame);
    }
}

static void check_attribute(struct checker *checker)
{
    struct scanner ahead = checker->scanner;
    struct token next;

    if (!str_is(checker->token.text, "<")) {
        checker->in_attributes =
            str_is(checker->token.text, ",") || str_is(checker->token.text, ">");
        return;
    }
    next = scanner_next(&ahead);
    if (str_is(next.text, "close"))
        checker->refusal = "the attribute <close> is not available: __close does not exist here";
    else if (str_is(checker->last.text, "_ENV"))
        checker->refusal = "_ENV takes no attribute here";
}

static void push(struct checker *checker, enum frame_kind kind)
{
    if (checker->depth == NEST_MAX) {
        checker->refusal = "nested deeper than 100 brackets and blocks";
        return;
    }
    if (kind == FRAME_INDEX || kind == FRAME_GROUP)
        checker->open_indexes++;
    checker->frames[++checker->depth] = (struct frame){ .kind = kind };
}

/* Unbalanced ones are the compiler's to complain about. */
static void pop(struct checker *checker)
{
    struct frame *frame = &checker->frames[checker->depth];
    struct frame *outer = frame - 1;

    if (checker->depth == 0)
        return;
    if (frame->kind == FRAME_INDEX || frame->kind == FRAME_GROUP) {
        checker->open_indexes--;
        if (frame->is_comparison)
            mark_comparison(outer);
        if (frame->longest + (frame->kind == FRAME_INDEX) > outer->chain)
            outer->chain = frame->longest + (frame->kind == FRAME_INDEX);
        if (outer->chain > outer->longest)
            outer->longest = outer->chain;
    } else {
        outer->chain = 0;
    }
    checker->depth--;
}

static void link_chain(struct checker *checker)
{
    struct frame *frame = &checker->frames[checker->depth];

    checker->links++;
    if (++frame->chain > frame->longest)
        frame->longest = frame->chain;
    if (frame->chain > CHAIN_MAX || checker->links > LINKS_MAX)
        checker->refusal =
            "a chain of more than 100 fields: put a part of it into a local variable";
}

static void end_chain(struct checker *checker)
{
    checker->frames[checker->depth].chain = 0;
    if (checker->open_indexes == 0)
        checker->links = 0;
}

/* Parentheses around a comparison change nothing; in a call or a function it is another value. */
static void mark_comparison(struct frame *frame)
{
    if (frame->kind == FRAME_GROUP || frame->kind == FRAME_INDEX)
        frame->is_comparison = true;
}

/* What ended here is an expression that "(", "[", "." or ":" would go on with. */
static bool may_be_followed(const struct checker *checker)
{
    const struct token *last = &checker->last;

    if (last->kind == TOKEN_OPERATOR)
        return str_is(last->text, ")") || str_is(last->text, "]") || str_is(last->text, "}");
    return last->kind == TOKEN_NAME || last->kind == TOKEN_STRING;
}
